/// How long to wait before the next try to connect: grows, never beyond its limit, and is spread at random so that
/// many clients of one broker do not come back in step.
package struct ReconnectBackoff: Sendable {
    private let initial: Duration
    private let limit: Duration
    private var full: Duration

    package init(initial: Duration = .milliseconds(50), limit: Duration = .seconds(5)) {
        self.initial = min(initial, limit)
        self.limit = limit
        full = self.initial
    }

    /// The next wait: between half and all of `initial * 2^n`.
    package mutating func next() -> Duration {
        defer { full = full < limit / 2 ? full * 2 : limit }
        return Self.spread(full)
    }

    /// A connection worked: start over.
    package mutating func reset() { full = initial }

    /// The shortest wait after a failure, whoever asks: between half and all of `initial`.
    package var floor: Duration { Self.spread(initial) }

    /// Waits so long; throws `cancelled` when the task is cancelled meanwhile.
    package static func wait(_ delay: Duration) async throws(TransportError) {
        do {
            try await Task.sleep(for: delay)
        } catch {
            throw .callerCancelled
        }
    }

    /// In halves and thousandths: a factor as a `Double` would not hold the longest of them.
    private static func spread(_ full: Duration) -> Duration {
        full / 2 + full / 2_000 * Int.random(in: 0...1_000)
    }
}
