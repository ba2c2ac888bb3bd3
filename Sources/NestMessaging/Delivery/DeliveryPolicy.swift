/// What happens to an event whose handler throws, on transports that can deliver again.
///
/// Requests fail towards their caller instead and are never retried by the framework.
public struct DeliveryPolicy: Sendable, Hashable {
    /// How long to wait before each further try.
    public struct Backoff: Sendable, Hashable {
        private let steps: [Duration]

        /// The waits, in order; the last one is repeated.
        public init(_ steps: [Duration]) { self.steps = steps.map { max($0, .zero) } }

        /// The same wait before every try.
        public static func constant(_ delay: Duration) -> Backoff { Backoff([delay]) }

        /// `initial`, then twice as long each time, never longer than `limit`.
        public static func exponential(
            initial: Duration = .milliseconds(500), limit: Duration = .seconds(60)
        ) -> Backoff {
            var steps = [min(initial, limit)]
            while let last = steps.last, last > .zero, last < limit, steps.count < 32 {
                steps.append(min(last * 2, limit))
            }
            return Backoff(steps)
        }

        /// The wait after try number `attempt` (from 1) has failed.
        public func delay(after attempt: Int) -> Duration {
            steps.isEmpty ? .zero : steps[min(max(attempt, 1), steps.count) - 1]
        }

        /// The different waits there are; a broker may need a queue for each.
        package var distinctDelays: [Duration] {
            steps.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        }
    }

    /// Where a message goes that has used up its tries.
    public enum DeadLetter: Sendable, Hashable {
        /// Kept with its provenance where the transport keeps dead letters.
        case enabled
        /// Logged, counted and dropped.
        case disabled
    }

    /// How often a handler sees an event at the most, the first time included.
    public var maxAttempts = 5
    /// The waits between tries.
    public var backoff = Backoff.exponential()
    /// What becomes of the message afterwards.
    public var deadLetter = DeadLetter.enabled
    /// Also keeps requests whose handler failed unexpectedly, so that they can be replayed once the bug is fixed.
    public var keepsFailedRequests = true
    /// True when the application set a policy itself: then a transport that cannot hold it refuses to start.
    package var isExplicit = false

    /// Five tries, exponential backoff from half a second, dead letters.
    public init() {}

    /// A policy with its parts.
    public init(maxAttempts: Int, backoff: Backoff = .exponential(), deadLetter: DeadLetter = .enabled) {
        self.maxAttempts = max(1, maxAttempts)
        self.backoff = backoff
        self.deadLetter = deadLetter
    }
}
