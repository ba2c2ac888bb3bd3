/// A probe to be, before the application is started.
struct HealthRoute: Sendable {
    /// What is asked, and how.
    struct Indicators: Sendable {
        var list: [any HealthIndicator]
        var timeout: Duration
        var cacheTime: Duration
    }

    var path: RoutePath
    /// Nil: the process answers, that is all there is to know.
    var indicators: Indicators?
    var showsDetails = true
}

extension HealthRoute {
    func probe(_ host: ApplicationHost, logger: Logger) -> HealthProbe {
        guard let indicators else { return HealthProbe { HealthReport([:]) } }
        let registry = HealthRegistry(
            indicators.list, timeout: indicators.timeout, cacheTime: indicators.cacheTime, logger: logger)
        return HealthProbe(showsDetails: showsDetails) { await host.readinessReport(registry) }
    }
}
