import NestTesting

/// Brokers that all tests of a run share, each started when it is first asked for.
actor Brokers {
    static let shared = Brokers()

    private var started: [String: Task<RabbitMQBroker, any Error>] = [:]

    /// In plain text and, with the certificates of this run, on a second port with TLS.
    func plain() async throws -> RabbitMQBroker {
        try await broker("plain") {
            try await RabbitMQBroker.started(tls: try Certificates.shared.get().server())
        }
    }

    func broker(
        _ name: String, _ start: @escaping @Sendable () async throws -> RabbitMQBroker
    ) async throws -> RabbitMQBroker {
        if let task = started[name] { return try await task.value }
        let task = Task { try await start() }
        started[name] = task
        return try await task.value
    }
}
