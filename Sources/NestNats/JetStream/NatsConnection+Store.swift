import NIOCore

extension NatsConnection {
    /// Puts a message into a stream; returns when the stream has it.
    func store(
        _ body: ByteBuffer, in subject: String, _ headers: MessageHeaders, within limit: Duration
    ) async throws(TransportError) {
        let answer = try await exchange(body, to: subject, headers, within: limit)
        _ = try JetStreamConfirmation.read(answer).get()
    }
}
