/// How long to wait before the next try to connect: grows, never beyond its limit, and is spread at random so that
/// many clients of one broker do not come back in step.
package struct ReconnectBackoff: Sendable {
    private let initial: Duration
    private let limit: Duration
    private var attempts = 0

    package init(initial: Duration = .milliseconds(50), limit: Duration = .seconds(5)) {
        self.initial = initial
        self.limit = limit
    }

    /// The next wait: between half and all of `initial * 2^n`.
    package mutating func next() -> Duration {
        let full = min(limit, initial * (1 << min(attempts, 16)))
        attempts += 1
        return full * Double.random(in: 0.5...1)
    }

    /// A connection worked: start over.
    package mutating func reset() { attempts = 0 }
}
