import NestTesting

/// Servers that all tests of a run share, each started when it is first asked for.
actor Brokers {
    static let shared = Brokers()

    private var started: [String: Task<NatsBroker, any Error>] = [:]

    func broker(
        _ name: String, _ access: NatsBroker.Access = .open, jetStream: Bool = false
    ) async throws -> NatsBroker {
        if let task = started[name] { return try await task.value }
        let task = Task { try await NatsBroker.started(access, jetStream: jetStream) }
        started[name] = task
        return try await task.value
    }
}
