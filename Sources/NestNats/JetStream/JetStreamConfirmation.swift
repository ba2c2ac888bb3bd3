import NIOCore

/// What a stream says about a message it was given.
enum JetStreamConfirmation {
    static func read(_ message: borrowing NatsMessage) -> PendingReplies.Reply {
        if message.isNoResponders { return .failure(noStream) }
        return acknowledgement(in: message.body).map { _ in .null }
    }

    static let noStream = TransportError(.noResponders, "no stream keeps the event, or its server is not there")

    static func read(_ body: ByteBuffer) -> PendingReplies.Reply {
        body.withUnsafeReadableBytes { acknowledgement(in: $0).map { _ in .null } }
    }

    /// Where the stream keeps the event, or why it does not.
    static func acknowledgement(in body: UnsafeRawBufferPointer) -> Result<JetStreamWire.Ack, TransportError> {
        guard let ack = try? Payload(json: ByteBuffer(bytes: body)).decode(JetStreamWire.Ack.self) else {
            return .failure(TransportError(.invalidMessage, "the stream's confirmation is not understood"))
        }
        guard let error = ack.error else {
            guard ack.seq != nil else { return .failure(TransportError(.invalidMessage, "nothing was confirmed")) }
            return .success(ack)
        }
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
