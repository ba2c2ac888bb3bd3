import NestTesting

/// Brokers that all tests of a run share, each started when it is first asked for.
actor Brokers {
    static let shared = Brokers()

    private var started: [String: Task<KafkaBroker, any Error>] = [:]
    private var pretended: KafkaMock?
    private var listeners: [String: Task<KafkaListener, any Error>] = [:]

    /// In plain text, for everybody.
    func plain() async throws -> KafkaBroker { try await broker("plain") { try await KafkaBroker.started() } }

    /// Librdkafka's own, in this process.
    func mock() throws -> KafkaMock {
        if let pretended { return pretended }
        let mock = try KafkaMock()
        pretended = mock
        return mock
    }

    func broker(
        _ name: String, _ start: @escaping @Sendable () async throws -> KafkaBroker
    ) async throws -> KafkaBroker {
        if let task = started[name] { return try await task.value }
        let task = Task { try await start() }
        started[name] = task
        return try await task.value
    }

    /// Another way into the plain broker.
    func listener(_ name: String, _ access: KafkaBroker.Access) async throws -> KafkaListener {
        if let task = listeners[name] { return try await task.value }
        let task = Task { try await plain().listener(access) }
        listeners[name] = task
        return try await task.value
    }
}
