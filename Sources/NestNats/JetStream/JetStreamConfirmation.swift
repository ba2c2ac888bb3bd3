import NIOCore

/// What a stream says about a message it was given.
enum JetStreamConfirmation {
    static func read(_ message: borrowing NatsMessage) -> PendingReplies.Reply {
        if message.isNoResponders {
            return .failure(TransportError(.noResponders, "no stream keeps the event, or its server is not there"))
        }
        let body = message.body
        // The usual one has a stream and a number, and nothing else worth reading.
        if !holdsError(body), body.count > 2 { return .success(.null) }
        return read(ByteBuffer(bytes: body))
    }

    static func read(_ body: ByteBuffer) -> PendingReplies.Reply {
        guard let ack = try? Payload(json: body).decode(JetStreamWire.Ack.self) else {
            return .failure(TransportError(.invalidMessage, "the stream's confirmation is not understood"))
        }
        guard let error = ack.error else { return .success(.null) }
        let text = "the stream refuses the event: \(error.description ?? "no reason given")"
        return .failure(TransportError(error.code == 503 ? .noResponders : .rejected, text))
    }

    private static func holdsError(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let word: StaticString = "\"error\""
        guard bytes.count >= word.utf8CodeUnitCount else { return false }
        let last = bytes.count - word.utf8CodeUnitCount
        let pattern = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        for start in 0...last where bytes[start] == UInt8(ascii: "\"") {
            if bytes[start..<start + pattern.count].elementsEqual(pattern) { return true }
        }
        return false
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
