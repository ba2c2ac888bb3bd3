import NIOCore

/// From the library's messages to handlers.
extension ServerIntake {
    /// Serves what has come, as far as there are places.
    func pump() {
        while let message = nextMessage() { run(message) }
    }

    /// The next message that needs a task; those that need none are served on the way.
    private func nextMessage() -> IncomingMessage? {
        while inFlight < maxInFlight {
            guard let message = takeWaiting() ?? pull() ?? kept?.next() else { return nil }
            switch dispatcher.dispatchInline(message, &writer) {
            case .written: writeReply(to: message)
            case .outcome(let outcome): answer(outcome, to: message)
            case nil: return message
            }
        }
        // Their deadlines run from here on, not from when there is a place.
        while let message = pull() { wait(message) }
        return nil
    }

    private func takeWaiting() -> IncomingMessage? {
        guard let message = waiting.popFirst() else { return nil }
        waitingBytes -= message.frame.readableBytes
        return message
    }

    /// The next message the library has collected.
    @inline(__always)
    private func pull() -> IncomingMessage? {
        while source < sources.count {
            if left == 0 { left = sources[source].subscription.count }
            while left > 0 {
                left -= 1
                guard let message = sources[source].subscription.next() else { continue }
                if let incoming = read(message, sources[source].role) { return incoming }
            }
            source += 1
        }
        return nil
    }

    /// There is no place. When too many wait, a caller is told, and an event is lost.
    private func wait(_ message: IncomingMessage) {
        let size = message.frame.readableBytes
        guard waiting.count < options.maxWaiting, waitingBytes + size <= options.maxWaitingBytes else {
            if message.kind == .emit { return trouble.dropped(1, logger) }
            let error = TransportError(.overloaded, "too many messages wait for this service")
            return answer(.reply(.failure(error)), to: message)
        }
        waitingBytes += size
        waiting.append(message)
    }
}

// MARK: - Reading

extension ServerIntake {
    /// Copies a message out of the library's memory: the body, the pattern its subject names, the subject of the
    /// answer with a zero behind it. Nil for one that is not for this subscription.
    private func read(_ message: borrowing NatsMessage, _ role: SubscriptionPlan.Role) -> IncomingMessage? {
        if role == .kept, message.body.isEmpty, let status = message.header("Status") {
            kept?.hear(status, message.header("Nats-Pending-Messages"))
            return nil
        }
        guard let name = subjects.name(of: message.subject) else { return nil }
        let (body, reply) = (message.body, message.reply)
        var frame = ByteBuffer()
        frame.reserveCapacity(body.count + name.count + reply.count + 8)
        frame.writeBytes(body)
        frame.writeBytes(name)
        let named = ByteRange(body.count, body.count + name.count)
        frame.writeBytes(reply)
        frame.writeInteger(UInt8(0))
        var incoming = envelope(frame, named) ?? bare(frame, named, hasReply: !reply.isEmpty)
        if incoming.frame.writerIndex > named.end {
            incoming.replyRange = ByteRange(named.end, named.end + reply.count)
        } else {
            // A pattern with escapes: the bytes were copied, with the pattern behind them instead.
            incoming.place(reply: reply)
        }
        let headers = message.headers
        if !headers.isEmpty { incoming.adopt(headers) }
        guard role == .kept else { return checked(incoming, role) }
        keep(incoming, reply)
        return nil
    }

    /// The body as an envelope; nil when it is none, or one for another subject.
    private func envelope(_ frame: ByteBuffer, _ named: ByteRange) -> IncomingMessage? {
        let body = ByteRange(0, named.start)
        guard case .message(let message)? = try? codec.readRequest(frame, in: body) else { return nil }
        if message.patternRange.end <= named.start {
            let isItsOwn = frame.withUnsafeReadableBytes { bytes in
                bytes[message.patternRange.start..<message.patternRange.end].elementsEqual(
                    bytes[named.start..<named.end])
            }
            if isItsOwn { return message }
        }
        let subject = subjects.subject(of: Pattern(message.pattern)).dropFirst(subjects.prefix.count)
        guard subject == (frame.getString(at: named.start, length: Int(named.length)) ?? "") else { return nil }
        return message
    }

    /// The body as the payload itself; without one it is null.
    private func bare(_ frame: ByteBuffer, _ named: ByteRange, hasReply: Bool) -> IncomingMessage {
        var frame = frame
        var payload = ByteRange(0, named.start)
        if payload.isEmpty {
            let start = frame.writerIndex
            frame.writeStaticString("null")
            payload = ByteRange(start, frame.writerIndex)
        }
        return IncomingMessage(kind: hasReply ? .send : .emit, frame: frame, pattern: named, payload: payload)
    }

    /// Nil for a message of the other kind: another subscription has it, of this service or of another. A body that is
    /// no JSON is refused.
    private func checked(_ message: IncomingMessage, _ role: SubscriptionPlan.Role) -> IncomingMessage? {
        var message = message
        switch (role, message.kind) {
        case (.requests, .send): break
        case (.requests, .emit): if plan.events.covers(message.pattern) { return nil }
        case (.group, .emit):
            // The stream brings it too.
            if plan.kept.covers(message.pattern) { return nil }
            message.audience = .group
        case (.everyone, .emit): message.audience = .everyone
        case (.kept, _): return nil
        case (.group, .send), (.everyone, .send): return nil
        }
        // What an envelope holds was checked with it.
        guard message.payloadRange.start == 0 else { return message }
        do throws(TransportError) {
            _ = try Payload(json: message.slice(message.payloadRange))
            return message
        } catch {
            refuse(message, error)
            return nil
        }
    }

    /// A delivery of the stream. Everything in it is an event, whatever its reply subject looks like.
    private func keep(_ message: IncomingMessage, _ reply: UnsafeRawBufferPointer) {
        var message = message
        message.kind = .emit
        message.audience = .group
        var fault: String?
        if message.payloadRange.start == 0 {
            do throws(TransportError) { _ = try Payload(json: message.slice(message.payloadRange)) } catch {
                fault = error.message
            }
        }
        let key = message.carriedHeaders?[HeaderName.key]
        guard let delivery = NatsDelivery(reply, key: key, unreadable: fault) else { return }
        message.metadata = delivery
        message.attempt = delivery.deliveries
        kept?.take(message, delivery)
    }

    private func refuse(_ message: IncomingMessage, _ error: TransportError) {
        _ = dispatcher.malformed(error.message)
        logger.debug(
            "malformed message",
            metadata: [LogKey.transport: "nats", LogKey.pattern: .string(message.pattern)])
        let answer = TransportError(.invalidMessage, "invalid payload for `\(message.pattern)`: \(error.message)")
        self.answer(.reply(.failure(answer)), to: message)
    }
}

extension IncomingMessage {
    /// Puts the subject of the answer, and a zero, behind everything else.
    fileprivate mutating func place(reply: UnsafeRawBufferPointer) {
        let start = frame.writerIndex
        frame.writeBytes(reply)
        replyRange = ByteRange(start, frame.writerIndex)
        frame.writeInteger(UInt8(0))
    }
}

// MARK: - Runs

extension ServerIntake {
    /// Serves a message, and those behind it as long as no handler suspends.
    private func run(_ message: IncomingMessage) {
        inFlight += 1
        lastRun &+= 1
        let run = lastRun
        current = run
        let task = Task.immediate(executorPreference: loop) { await self.serve(message, run) }
        guard current == run else { return }
        current = 0
        guard let served else { return }
        suspended[run] = Run(task: task, message: served)
    }

    /// The body of a run. A run that has suspended ends with its message: others have gone on meanwhile.
    private func serve(_ first: IncomingMessage, _ run: Int) async {
        var message = first
        while true {
            served = message
            let outcome = await dispatcher.dispatch(message)
            if case .stream(let stream) = outcome {
                await answer(with: stream, to: message, run)
                break
            }
            if phase != .closed { answer(outcome, to: message) }
            guard current == run, let next = nextMessage() else {
                inFlight -= 1
                break
            }
            message = next
        }
        guard current != run else { return current = 0 }
        suspended[run] = nil
        pump()
        settle()
    }

    /// A reader may be slow: the stream gives its place in the server back.
    private func answer(with stream: PayloadStream, to message: IncomingMessage, _ run: Int) async {
        guard let credit = message.streamCredit, !message.replyRange.isEmpty else {
            let outcome = await dispatcher.collect(stream, for: message)
            if phase != .closed { answer(outcome, to: message) }
            return inFlight -= 1
        }
        inFlight -= 1
        await send(stream, for: message, credit: credit, run)
    }
}
