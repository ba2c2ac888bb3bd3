import Synchronization

/// What a case sees of an instance's handlers, and what holds them. Several instances may share one log.
final class SuiteProbe: Sendable {
    /// Which instance answers.
    let instance: String
    /// What handlers have done, in order.
    let log: Watched<[String]>
    /// Handlers that begin and end: how many run now.
    let running = Watched(0)
    /// The most that ran at the same time.
    let peak = Watched(0)
    /// Items that streaming handlers have made.
    let produced = Watched(0)
    /// Request-scoped objects made.
    let tickets = Watched(0)
    /// Holds `suite.hold`.
    let gate: Gate
    /// What handlers call other handlers with.
    let client = Watched<ClientProxy?>(nil)

    init(_ instance: String = "a", log: Watched<[String]> = Watched([]), gate: Gate = Gate()) {
        self.instance = instance
        self.log = log
        self.gate = gate
    }

    /// Counts a handler while it runs.
    func counted<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let now = running.update { count in
            count += 1
            return count
        }
        peak.update { $0 = max($0, now) }
        defer { running.decrement() }
        return try await body()
    }
}
