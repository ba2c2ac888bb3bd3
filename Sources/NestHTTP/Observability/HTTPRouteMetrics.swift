import Metrics
import NIOCore

/// Counters and a timer for one route. Labels come from the routes' paths, never from what peers send.
struct HTTPRouteMetrics: Sendable {
    /// One for each class of statuses, from 1xx on.
    private let requests: [Counter]
    private let duration: Metrics.Timer
    private let inFlight: Meter

    /// Nil when no metrics backend is installed, so that nothing is paid for.
    init?(method: String, route: String) {
        guard Observability.isMeasuring else { return nil }
        self.init(method: method, route: route, factory: MetricsSystem.factory)
    }

    init(method: String, route: String, factory: any MetricsFactory) {
        let dimensions = [("method", method), ("route", route)]
        requests = (1...5).map { kind in
            Counter(
                label: "nest_http_requests_total", dimensions: dimensions + [("status", "\(kind)xx")],
                factory: factory)
        }
        duration = Metrics.Timer(label: "nest_http_request_duration", dimensions: dimensions, factory: factory)
        inFlight = Meter(label: "nest_http_requests_in_flight", dimensions: dimensions, factory: factory)
    }

    func begin() { inFlight.increment() }

    /// The answer's head is known. The duration is that until then, not that of a stream.
    func end(status: Int, since start: NIODeadline) {
        inFlight.decrement()
        duration.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
        requests[min(max(status / 100, 1), 5) - 1].increment()
    }
}
