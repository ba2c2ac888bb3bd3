import Synchronization

extension ApplicationHost {
    /// Whether the application wants to be called: every listener has started, and nobody has asked for the end.
    package var isReady: Bool { readiness.state != .down }

    /// The same, with the reason when it is not.
    package var readiness: HealthStatus {
        let (reason, runners) = state.withLock { state -> (String?, [ServerRunner]) in
            switch state.phase {
            case .made: ("not started", [])
            case .starting: ("starting", [])
            case .serving where state.isAsked: ("shutting down", [])
            case .serving: (nil, state.running?.runners ?? [])
            case .closing: ("shutting down", [])
            }
        }
        if let reason { return .down(["reason": reason]) }
        let waiting = runners.filter { !$0.hasStarted }.map(\.transport)
        return waiting.isEmpty
            ? .up() : .down(["reason": "starting", "waiting_for": waiting.joined(separator: ", ")])
    }

    /// Somebody has asked for the end: there is no way back to being ready.
    package var isShuttingDown: Bool {
        state.withLock { state in
            if case .closing = state.phase { return true }
            return state.isAsked
        }
    }

    /// What a readiness probe is answered with: one entry `application` that is down while the application does not want
    /// to be called, at once and without asking anything; otherwise what the indicators say.
    package func readinessReport(_ registry: HealthRegistry) async -> HealthReport {
        if let unready { return unready }
        let report = await registry.report()
        return unready ?? report
    }

    private var unready: HealthReport? {
        let readiness = readiness
        return readiness.state == .down ? HealthReport(["application": readiness]) : nil
    }
}
