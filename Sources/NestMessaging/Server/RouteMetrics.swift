import Metrics
import NIOCore

/// Counters and a timer for one route. Labels come from the handlers' patterns, never from what peers send.
struct RouteMetrics: Sendable {
    private let succeeded: Counter
    private let failed: Counter
    private let retried: Counter
    private let deadLettered: Counter
    private let cancelled: Counter
    private let duration: Metrics.Timer

    /// Nil when no metrics backend is installed, so that nothing is paid for.
    init?(pattern: String, transport: String) {
        guard Observability.isMeasuring else { return nil }
        self.init(pattern: pattern, transport: transport, factory: MetricsSystem.factory)
    }

    init(pattern: String, transport: String, factory: any MetricsFactory) {
        func counter(_ outcome: String) -> Counter {
            Counter(
                label: "nest_messages_total",
                dimensions: [("transport", transport), ("pattern", pattern), ("outcome", outcome)],
                factory: factory)
        }
        succeeded = counter("succeeded")
        failed = counter("failed")
        retried = counter("retried")
        deadLettered = counter("dead_lettered")
        cancelled = counter("cancelled")
        duration = Metrics.Timer(
            label: "nest_message_duration", dimensions: [("transport", transport), ("pattern", pattern)],
            factory: factory)
    }

    /// What a handler came to. A stream has only begun then: it is counted by ``recordEnd(of:)``, and the duration is that
    /// of the handler, not of the stream.
    func record(_ outcome: Outcome, since start: NIODeadline) {
        duration.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
        switch outcome {
        case .stream: break
        case .reply(.success), .done: succeeded.increment()
        case .reply(.failure): failed.increment()
        case .retry: retried.increment()
        case .replyAndDeadLetter, .deadLetter: deadLettered.increment()
        }
    }

    func record(_ outcome: MessageDispatcher.InlineOutcome, since start: NIODeadline) {
        switch outcome {
        case .written: record(.done, since: start)
        case .ran(let outcome, _): record(outcome, since: start)
        case .refused, .needsTask: break
        }
    }

    /// How a stream ended.
    enum StreamEnd {
        case succeeded, failed
        /// Its reader gave it up.
        case cancelled
    }

    func recordEnd(of stream: StreamEnd) {
        switch stream {
        case .succeeded: succeeded.increment()
        case .failed: failed.increment()
        case .cancelled: cancelled.increment()
        }
    }
}
