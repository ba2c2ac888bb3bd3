import NestTesting

/// Time that passes when the test says so.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var time: Duration

        func advanced(by duration: Duration) -> Instant { Instant(time: time + duration) }
        func duration(to other: Instant) -> Duration { other.time - time }
        static func < (left: Instant, right: Instant) -> Bool { left.time < right.time }
    }

    private let time = Watched(Duration.zero)
    private let sleepers = Watched(0)

    var now: Instant { Instant(time: time.value) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        sleepers.increment()
        defer { sleepers.decrement() }
        try await time.wait { $0 >= deadline.time }
    }

    func advance(by duration: Duration) { time.update { $0 += duration } }

    /// Returns when so many wait for the time to pass.
    func eventuallyHolds(_ count: Int) async throws {
        try await sleepers.eventually("\(count) wait for the clock") { $0 == count }
    }
}
