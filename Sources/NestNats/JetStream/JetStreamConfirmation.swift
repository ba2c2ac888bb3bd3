import NIOCore

/// What a stream says about a message it was given.
enum JetStreamConfirmation {
    static let noStream = TransportError(.noResponders, "no stream keeps the event, or its server is not there")

    /// Where this stream keeps the message, or why no stream does; nil for what strangers say who listen to it too.
    static func read(
        _ body: UnsafeRawBufferPointer, of stream: String
    ) -> Result<JetStreamWire.Ack, TransportError>? {
        guard let ack = try? Payload(json: ByteBuffer(bytes: body)).decode(JetStreamWire.Ack.self) else { return nil }
        guard let error = ack.error else { return ack.stream == stream && ack.seq != nil ? .success(ack) : nil }
        let text = "the stream refuses the event: \(error.description ?? "no reason given")"
        return .failure(TransportError(error.code == 503 ? .noResponders : .rejected, text))
    }
}

extension NatsOptions {
    /// Looks after the streams of the configuration; what is otherwise than it says is logged.
    func provideStreams(
        _ subjects: NatsSubjects, over connection: NatsConnection, deadLetters: Bool, _ logger: Logger
    ) async throws(TransportError) {
        guard let jetStream = stream(subjects, over: connection) else { return }
        for difference in try await jetStream.provide() {
            logger.warning(
                "the stream is not as configured",
                metadata: [
                    LogKey.transport: "nats", "nest.stream": .string(jetStream.options.stream),
                    LogKey.reason: .string(difference),
                ])
        }
        if deadLetters { try await jetStream.provideDeadLetters() }
    }

    func stream(_ subjects: NatsSubjects, over connection: NatsConnection) -> JetStream? {
        jetStream.map { JetStream(options: $0, subjects: subjects, connection: connection, timeout: connectTimeout) }
    }
}
