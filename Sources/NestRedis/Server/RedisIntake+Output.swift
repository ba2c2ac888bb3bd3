import NIOCore

/// From replies to messages on channels.
extension RedisIntake {
    /// What carries answers, and what is said about deliveries. Items of a stream keep their order over the one for commands.
    var speaker: RedisConnection? {
        guard let session else { return nil }
        return voice ?? session.commands
    }

    @inline(__always)
    func writeReply(to message: IncomingMessage) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        let list = list(of: message)
        guard list == nil, let commands = speaker else {
            var body = ByteBuffer()
            write(state.writer, message, to: &body)
            return publish(body, to: message)
        }
        commands.send(.nothing) { bytes, scratch in
            write(state.writer, message, to: &scratch)
            finish(scratch, to: message, &bytes)
        }
    }

    /// With streams and lists the answer carries the call's number; over publish and subscribe the channel does.
    @inline(__always)
    private func write(_ writer: borrowing JSONWriter, _ message: IncomingMessage, to body: inout ByteBuffer) {
        guard let id = message.quotedCorrelation else { return codec.write(writer, to: &body) }
        codec.write(writer, id: id, in: message.frame, to: &body)
    }

    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        guard stream == nil, list(of: message) == nil, let commands = speaker else {
            var body = ByteBuffer()
            write(response, message, to: &body)
            if let stream { return send(body, to: message, stream: stream, response) }
            return publish(body, to: message)
        }
        commands.send(.nothing) { bytes, scratch in
            write(response, message, to: &scratch)
            finish(scratch, to: message, &bytes)
        }
    }

    @inline(__always)
    private func write(_ response: OutboundResponse, _ message: IncomingMessage, to body: inout ByteBuffer) {
        codec.write(response, id: message.quotedCorrelation.map { message.slice($0) }, to: &body)
    }

    /// Publishes a reply; without a connection it waits for the next one.
    func publish(_ body: ByteBuffer, to message: IncomingMessage, _ expected: RedisExpected = .nothing) {
        guard let commands = session?.commands else { return unsent.keep(body, for: message) }
        if let list = list(of: message) { return put(body, into: list, message, commands) }
        commands.send(expected) { bytes, _ in finish(body, to: message, &bytes) }
    }

    @inline(__always)
    private func finish(_ body: ByteBuffer, to message: IncomingMessage, _ bytes: inout ByteBuffer) {
        bytes.writeStaticString("*3\r\n$7\r\nPUBLISH\r\n")
        let isPlain = message.frame.withVeryUnsafeBytes { frame -> Bool in
            let channel = UnsafeRawBufferPointer(rebasing: frame[message.replyRange.start..<message.replyRange.end])
            guard !channel.contains(UInt8(ascii: "\\")) else { return false }
            bytes.writeArgument(channel)
            return true
        }
        if !isPlain { bytes.writeArgument(message.replyChannel) }
        bytes.writeArgument(checked(body, message))
    }

    /// The list that the answer is to wait in, and for how many milliseconds; nil for a channel.
    @inline(__always)
    private func list(of message: IncomingMessage) -> (name: String, expiry: Int64)? {
        guard plan.mode != .pubSub else { return nil }
        // Nearly all names stand in a message as they are: for a channel nothing is made of them.
        if let start = inboxes {
            let (first, length) = (message.replyRange.start, Int(message.replyRange.length))
            let isList = message.frame.withVeryUnsafeBytes { frame in
                length > start.count && frame[first..<(first + start.count)].elementsEqual(start)
            }
            guard isList else { return nil }
        }
        let name = message.replyChannel
        return keys.expiry(ofInbox: name).map { (name, max(1_000, min($0, Self.longestExpiry))) }
    }

    /// A day: nobody makes a Redis keep answers for ever.
    private static let longestExpiry: Int64 = 86_400_000

    /// What Redis does not confirm is put there again over the next connection: its caller may wait for longer than that.
    private func put(
        _ body: ByteBuffer, into list: (name: String, expiry: Int64), _ message: IncomingMessage,
        _ commands: RedisConnection
    ) {
        let body = checked(body, message)
        let expected = RedisExpected.reply { [weak self] result in
            switch result {
            case .success(let reply): if let error = reply.error { self?.trouble.note(error) }
            case .failure: self?.unsent.keep(body, for: message)
            }
        }
        commands.send(expected) { bytes, _ in
            RedisScript.answer.write(to: &bytes, keys: [list.name], arguments: 2)
            bytes.writeArgument(body)
            bytes.writeArgument(list.expiry)
        }
    }

    /// The answer, or what stands in its way.
    @inline(__always)
    private func checked(_ body: ByteBuffer, _ message: IncomingMessage) -> ByteBuffer {
        guard body.readableBytes > options.maxMessageBytes else { return body }
        let error = TransportError(
            .tooLarge, "the reply is larger than \(options.maxMessageBytes) bytes, the limit of its service")
        var refusal = ByteBuffer()
        codec.write(
            .reply(.failure(error)), id: message.quotedCorrelation.map { message.slice($0) }, to: &refusal)
        return refusal
    }
}

extension IncomingMessage {
    /// The channel of the answer, escapes resolved.
    var replyChannel: String {
        guard let text = reply else { return "" }
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
        return (try? Payload(json: "\"\(text)\"").decode(String.self)) ?? text
    }

    /// The caller's number for the call, in its quotes; nil when it gave none.
    var quotedCorrelation: ByteRange? {
        guard !correlationRange.isEmpty, correlationRange.start > 0 else { return nil }
        return ByteRange(correlationRange.start - 1, correlationRange.end + 1)
    }
}
