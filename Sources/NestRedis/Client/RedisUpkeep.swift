import NIOCore
import Synchronization

/// What a client does now and then for those who are not there: requests nobody has read are let go of, and events that
/// every group has handled.
final class RedisUpkeep: Sendable {
    /// Milliseconds after which nobody waits for a request any more.
    private let age: Int64
    private let nextTrim = Atomic<UInt64>(0)
    private let events = Atomic(0)

    init(_ options: RedisOptions) { age = Int64(options.requestExpiry * 2 / .milliseconds(1)) }

    /// Once a second: the first half of the oldest id that a request may have. Its caller has gone long ago.
    func oldest(_ clock: RedisClock) -> Int64? {
        let now = NIODeadline.now()
        let due = nextTrim.load(ordering: .relaxed)
        guard now.uptimeNanoseconds >= due else { return nil }
        let next = now.uptimeNanoseconds + 1_000_000_000
        guard nextTrim.compareExchange(expected: due, desired: next, ordering: .relaxed).exchanged else { return nil }
        return clock.milliseconds(at: now) - age
    }

    /// True after every few thousand events.
    func isDue() -> Bool { events.add(1, ordering: .relaxed).newValue % 4_096 == 0 }
}
