/// An indicator as a closure: `CustomHealth("license") { license.isValid ? .up() : .down() }`.
public struct CustomHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let body: @Sendable () async throws -> HealthStatus

    /// An indicator that asks `check`; what it throws means down.
    public init(_ name: String, check: @escaping @Sendable () async throws -> HealthStatus) {
        self.name = name
        body = check
    }

    /// Asks the closure.
    public func check() async throws -> HealthStatus { try await body() }
}
