import Metrics

/// What one transport counts beside its routes. Made once: a message only adds to it.
final class TransportMetrics: Sendable {
    private let unknownPatterns: Counter
    private let malformed: Counter
    private let inFlight: Meter

    /// Nil when no metrics backend is installed, so that nothing is paid for.
    static func installed(transport: String) -> TransportMetrics? {
        guard Observability.isMeasuring else { return nil }
        return TransportMetrics(transport: transport, factory: MetricsSystem.factory)
    }

    init(transport: String, factory: any MetricsFactory) {
        let dimensions = [("transport", transport)]
        unknownPatterns = Counter(label: "nest_unknown_pattern_total", dimensions: dimensions, factory: factory)
        malformed = Counter(label: "nest_malformed_total", dimensions: dimensions, factory: factory)
        inFlight = Meter(label: "nest_messages_in_flight", dimensions: dimensions, factory: factory)
    }

    func countUnknownPattern() { unknownPatterns.increment() }

    func countMalformed() { malformed.increment() }

    /// A handler that may suspend begins, or a stream.
    func begin() { inFlight.increment() }

    func end() { inFlight.decrement() }
}
