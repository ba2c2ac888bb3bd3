import Synchronization

/// Whether the service wants to be called: the application's readiness, and what the options' indicators say.
final class HealthSource: Sendable {
    private let readiness: (@Sendable () -> HealthStatus)?
    private let registry: HealthRegistry?
    private let isEnding = Atomic(false)

    init(_ options: GRPCOptions, _ environment: TransportEnvironment) {
        readiness = environment.readiness
        registry =
            options.readiness.isEmpty ? nil : HealthRegistry(options.readiness, logger: environment.logger)
    }

    /// The server shuts down.
    func end() { isEnding.store(true, ordering: .relaxed) }

    func isServing() async -> Bool {
        guard isWanted else { return false }
        guard let registry else { return true }
        return await registry.report().isAvailable && isWanted
    }

    private var isWanted: Bool {
        !isEnding.load(ordering: .relaxed) && readiness?().state != .down
    }
}
