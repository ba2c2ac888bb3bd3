import NIOCore

/// From replies to messages on channels.
extension RedisIntake {
    @inline(__always)
    func writeReply(to message: IncomingMessage) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        guard let commands = session?.commands else {
            var body = ByteBuffer()
            write(state.writer, message, to: &body)
            return unsent.keep(body, for: message)
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
        var body = ByteBuffer()
        codec.write(response, id: message.quotedCorrelation.map { message.slice($0) }, to: &body)
        if let stream { return send(body, to: message, stream: stream, response) }
        publish(body, to: message)
    }

    /// Publishes a reply; without a connection it waits for the next one.
    func publish(_ body: ByteBuffer, to message: IncomingMessage, _ expected: RedisExpected = .nothing) {
        guard let commands = session?.commands else { return unsent.keep(body, for: message) }
        commands.send(expected) { bytes, _ in finish(body, to: message, &bytes) }
    }

    @inline(__always)
    private func finish(_ body: ByteBuffer, to message: IncomingMessage, _ bytes: inout ByteBuffer) {
        bytes.beginCommand(3)
        bytes.writeArgument("PUBLISH" as StaticString)
        let isPlain = message.frame.withVeryUnsafeBytes { frame -> Bool in
            let channel = UnsafeRawBufferPointer(rebasing: frame[message.replyRange.start..<message.replyRange.end])
            guard !channel.contains(UInt8(ascii: "\\")) else { return false }
            bytes.writeArgument(channel)
            return true
        }
        if !isPlain { bytes.writeArgument(message.replyChannel) }
        guard body.readableBytes > options.maxMessageBytes else { return bytes.writeArgument(body) }
        let error = TransportError(
            .tooLarge, "the reply is larger than \(options.maxMessageBytes) bytes, the limit of its service")
        var refusal = ByteBuffer()
        codec.write(
            .reply(.failure(error)), id: message.quotedCorrelation.map { message.slice($0) }, to: &refusal)
        bytes.writeArgument(refusal)
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
