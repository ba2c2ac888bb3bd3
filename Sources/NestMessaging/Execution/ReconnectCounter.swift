import Metrics

/// Counts the connections a client has made anew after it lost them. Made once for each connection that is kept.
package struct ReconnectCounter: Sendable {
    private let reconnects: Counter

    /// Nil when no metrics backend is installed, so that nothing is paid for.
    package static func installed(transport: String) -> ReconnectCounter? {
        guard Observability.isMeasuring else { return nil }
        return ReconnectCounter(transport: transport, factory: MetricsSystem.factory)
    }

    init(transport: String, factory: any MetricsFactory) {
        reconnects = Counter(
            label: "nest_reconnects_total", dimensions: [("transport", transport)], factory: factory)
    }

    package func increment() { reconnects.increment() }
}
