/// Asks indicators how things are doing, with a bound on everything: all at the same time, each at most once at a time,
/// each answer kept for a while, and no longer waited for than allowed. A report is there in time whatever an indicator
/// does, and a crowd of probes costs no more than one.
public final class HealthRegistry: Sendable {
    private let checks: [(name: String, check: HealthCheck)]

    /// A registry of these indicators.
    ///
    /// - Parameters:
    ///   - indicators: What to ask; of those with the same name the second is called `name-2`.
    ///   - timeout: How long one may take. After that it counts as down, and it is not asked again before its answer
    ///     has come.
    ///   - cacheTime: How long an answer is good for.
    ///   - logger: Says when something goes down and when it comes back.
    public convenience init(
        _ indicators: [any HealthIndicator], timeout: Duration = .seconds(2), cacheTime: Duration = .seconds(1),
        logger: Logger = Logger(label: "nest.health")
    ) {
        self.init(indicators, timeout: timeout, cacheTime: cacheTime, logger: logger, clock: ContinuousClock())
    }

    package init<Time: Clock>(
        _ indicators: [any HealthIndicator], timeout: Duration = .seconds(2), cacheTime: Duration = .seconds(1),
        logger: Logger, clock: Time
    ) where Time.Duration == Duration {
        let time = HealthTime(clock)
        checks = zip(HealthNames.unique(indicators.map(\.name)), indicators).map { name, indicator in
            let settings = HealthCheck.Settings(timeout: timeout, cacheTime: cacheTime, logger: logger, time: time)
            return (name, HealthCheck(name, indicator, settings))
        }
    }

    /// How all of them are doing, not older than the cache allows.
    public func report() async -> HealthReport {
        await withTaskGroup(of: (String, HealthStatus).self) { group in
            for (name, check) in checks { group.addTask { (name, await check.status()) } }
            var statuses: [String: HealthStatus] = [:]
            for await (name, status) in group { statuses[name] = status }
            return HealthReport(statuses)
        }
    }
}
