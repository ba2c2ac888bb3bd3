import NIOCore

/// From the library's messages to ours.
extension ServerIntake {
    /// The next message the library has collected.
    @inline(__always)
    func pull() -> IncomingMessage? {
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

    func dropped(_ message: IncomingMessage) { trouble.dropped(1, state.logger) }
}

// MARK: - Reading

extension ServerIntake {
    /// Copies a message out of the library's memory: the body, the pattern its subject names, the subject of the
    /// answer with a zero behind it. Nil for one that is not for this subscription.
    private func read(_ message: borrowing NatsMessage, _ role: SubscriptionPlan.Role) -> IncomingMessage? {
        if role == .kept, message.body.isEmpty, let status = message.header("Status") {
            puller?.hear(status, message.header("Nats-Pending-Messages"))
            return nil
        }
        guard let name = subjects.name(of: message.subject) else { return nil }
        let (body, reply) = (message.body, message.reply)
        let frame = Self.frame(body, name, reply)
        let named = ByteRange(body.count, body.count + name.count)
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

    /// Three parts and a zero, written with one reservation.
    @inline(__always)
    private static func frame(
        _ body: UnsafeRawBufferPointer, _ name: UnsafeRawBufferPointer, _ reply: UnsafeRawBufferPointer
    ) -> ByteBuffer {
        let size = body.count + name.count + reply.count + 1
        var frame = ByteBufferAllocator().buffer(capacity: size)
        frame.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            target.copyBytes(from: body)
            UnsafeMutableRawBufferPointer(rebasing: target[body.count...]).copyBytes(from: name)
            UnsafeMutableRawBufferPointer(rebasing: target[(body.count + name.count)...]).copyBytes(from: reply)
            target[size - 1] = 0
            return size
        }
        return frame
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
        case (.requests, .emit): if plan.events.covers(message) { return nil }
        case (.group, .emit):
            // The stream brings it too.
            if plan.kept.covers(message) { return nil }
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

    private func refuse(_ message: IncomingMessage, _ error: TransportError) {
        _ = state.dispatcher.malformed(error.message)
        state.logger.debug(
            "malformed message",
            metadata: [LogKey.transport: "nats", LogKey.pattern: .string(message.pattern)])
        let answer = TransportError(.invalidMessage, "invalid payload for `\(message.pattern)`: \(error.message)")
        carryOut(.reply(.failure(answer)), message)
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
