import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// From the library's messages to ours.
extension ServerIntake {
    /// The next message the library has collected.
    @inline(__always)
    func pull() -> IncomingMessage? {
        while !batch.isEmpty || fillBatch() {
            var message = batch.take()
            if read(&message) { return message }
        }
        return nil
    }

    /// False when all sources are empty.
    private func fillBatch() -> Bool {
        while source < sources.count {
            if left == 0 { left = sources[source].subscription.count }
            while left > 0 {
                fillBatch(from: sources[source])
                if !batch.isEmpty { return true }
            }
            source += 1
        }
        return false
    }

    /// What is not for this subscription is left out.
    private func fillBatch(from source: SubscriptionPlan.Source) {
        while left > 0, batch.hasRoom {
            left -= 1
            guard let handle = source.subscription.next() else { continue }
            let message = NatsMessage(lending: handle)
            if let name = subjects.name(of: message.subject), source.role != .kept || !hears(message) {
                batch.add(handle, message, named: name)
            } else {
                source.subscription.put(back: handle)
            }
        }
        batch.copy(from: source)
    }

    /// True for what the stream says about what it was asked for.
    private func hears(_ message: borrowing NatsMessage) -> Bool {
        guard message.body.isEmpty, let status = message.header("Status") else { return false }
        puller?.hear(status, message.header("Nats-Pending-Messages"))
        return true
    }

    func dropped(_ message: IncomingMessage) { trouble.dropped(1, state.logger) }
}

// MARK: - Reading

extension ServerIntake {
    /// False for what is not served as it comes: deliveries wait for their turn.
    @inline(__always)
    private func read(_ message: inout IncomingMessage) -> Bool {
        let (body, named, reply) = (message.payloadRange, message.patternRange, message.replyRange)
        if !reader.read(body, into: &message) || !isNamed(message, named) {
            message = bare(message.frame, named, hasReply: !reply.isEmpty)
        }
        message.replyRange = reply
        if !batch.headers.isEmpty { message.adopt(batch.headers) }
        guard batch.role == .kept else { return accepts(&message, batch.role) }
        keep(&message)
        return false
    }

    /// False for an envelope that names another pattern than its subject.
    @inline(__always)
    private func isNamed(_ message: IncomingMessage, _ named: ByteRange) -> Bool {
        message.patternRange.length == named.length
            && message.frame.withUnsafeReadableBytes { bytes in
                guard let start = bytes.baseAddress else { return true }
                return memcmp(start + message.patternRange.start, start + named.start, Int(named.length)) == 0
            } || hasSubject(message, named)
    }

    /// The pattern as its subject writes it.
    private func hasSubject(_ message: IncomingMessage, _ named: ByteRange) -> Bool {
        subjects.subject(of: Pattern(message.pattern)).dropFirst(subjects.prefix.count) == message.string(named)
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

    /// False for a message of the other kind: another subscription has it, of this service or of another. A body that is
    /// no JSON is refused.
    @inline(__always)
    private func accepts(_ message: inout IncomingMessage, _ role: SubscriptionPlan.Role) -> Bool {
        switch (role, message.kind) {
        case (.requests, .send): break
        case (.requests, .emit): if plan.events.covers(message) { return false }
        case (.group, .emit):
            // The stream brings it too.
            if plan.kept.covers(message) { return false }
            message.audience = .group
        case (.everyone, .emit): message.audience = .everyone
        case (.kept, _): return false
        case (.group, .send), (.everyone, .send): return false
        }
        // What an envelope holds was checked with it.
        return message.payloadRange.start != 0 || isJSON(message)
    }

    private func isJSON(_ message: IncomingMessage) -> Bool {
        do throws(TransportError) {
            _ = try Payload(json: message.slice(message.payloadRange))
            return true
        } catch {
            refuse(message, error)
            return false
        }
    }

    private func refuse(_ message: IncomingMessage, _ error: TransportError) {
        _ = state.dispatcher.malformed(error.message)
        state.logger.debug(
            "malformed message",
            metadata: [LogKey.transport: "nats", LogKey.pattern: .string(message.pattern)])
        let answer = TransportError(.invalidMessage, "invalid payload for `\(message.pattern)`: \(error.message)")
        carryOut(.reply(.failure(answer)), message)
    }
}
