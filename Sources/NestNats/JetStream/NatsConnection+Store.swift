import NIOCore

extension NatsConnection {
    /// Puts a message into a stream by one of its subjects; returns when the stream has it. Throws `invalid_message` when
    /// somebody else was the first to answer: then the stream may have it or not.
    func store(
        _ body: ByteBuffer, in stream: String, as subject: String, _ headers: MessageHeaders, within limit: Duration
    ) async throws(TransportError) {
        let answer = try await exchange(body, to: subject, headers, within: limit)
        let said = answer.withUnsafeReadableBytes { JetStreamConfirmation.read($0, of: stream) }
        guard let said else {
            throw TransportError(.invalidMessage, "what answers on `\(subject)` is not the stream `\(stream)`")
        }
        _ = try said.get()
    }
}
