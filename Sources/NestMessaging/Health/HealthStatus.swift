/// How something is doing, and what an operator wants to know about it.
public struct HealthStatus: Sendable, Equatable {
    /// The verdict.
    public enum State: String, Sendable, Codable {
        /// Works.
        case up
        /// Works, with something an operator should look at.
        case degraded
        /// Does not work.
        case down
    }

    /// The verdict.
    public var state: State
    /// Facts behind it, such as `["connections": "2"]`. No secrets.
    public var details: [String: String]

    /// A verdict with its facts.
    public init(_ state: State, details: [String: String] = [:]) {
        self.state = state
        self.details = details
    }

    /// Works.
    public static func up(_ details: [String: String] = [:]) -> HealthStatus { .init(.up, details: details) }
    /// Works, with something to look at.
    public static func degraded(_ details: [String: String] = [:]) -> HealthStatus {
        .init(.degraded, details: details)
    }
    /// Does not work.
    public static func down(_ details: [String: String] = [:]) -> HealthStatus { .init(.down, details: details) }
}

/// Something that can tell how it is doing by looking at its live connections.
public protocol HealthReporting: Sendable {
    /// How it is doing now. Answers at once: it reads state, it does not connect.
    func health() async -> HealthStatus
}
