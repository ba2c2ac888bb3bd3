/// How all servers of an application are doing, in one entry: each with its verdict and its facts.
///
/// Holds the application's inside weakly, so that an application may hold it.
public struct ServersHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private weak let host: ApplicationHost?

    /// An indicator for the servers of an application, those that are added later included.
    public init(_ application: some Application, name: String = "servers") {
        self.name = name
        host = application.host
    }

    /// Reads the live servers: the worst of them decides. Down before the start and after the end.
    public func check() async throws -> HealthStatus {
        let servers = await host?.health() ?? [:]
        guard !servers.isEmpty else { return .down(["error": "no server has started"]) }
        var worst = HealthStatus.State.up
        var facts: [String: String] = [:]
        for (server, status) in servers {
            worst = worse(worst, status.state)
            facts[server] = status.state.rawValue
            for (key, value) in status.details { facts["\(server).\(key)"] = value }
        }
        return HealthStatus(worst, details: facts)
    }
}

/// The worse one of two.
private func worse(_ left: HealthStatus.State, _ right: HealthStatus.State) -> HealthStatus.State {
    if left == .down || right == .down { return .down }
    return left == .degraded ? left : right
}
