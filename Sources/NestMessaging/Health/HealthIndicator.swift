/// One thing that readiness depends on: a broker, a disk, another service.
///
/// A ``HealthRegistry`` asks it: never twice at the same time, not more often than once in a second, and not longer
/// than two.
public protocol HealthIndicator: Sendable {
    /// What it is called in the report, such as `"orders"`.
    var name: String { get }
    /// How the thing is doing. Throwing means down. May connect or ask; heed cancellation, which comes when it takes too
    /// long.
    func check() async throws -> HealthStatus
}
