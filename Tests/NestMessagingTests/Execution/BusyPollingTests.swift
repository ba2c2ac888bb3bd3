import NIOCore
import NIOEmbedded
import NestTesting
import Synchronization
import Testing

@testable import NestMessaging

/// How a loop stays awake for what may come.
@Suite struct BusyPollingTests {
    /// Goes on by ten microseconds whenever somebody looks at it, from the start of a period on.
    private final class Clock: Sendable {
        private let time = Mutex(NIODeadline.uptimeNanoseconds(PollingWorth.period * 1_000))
        let looks = Atomic(0)

        func now() -> NIODeadline {
            looks.add(1, ordering: .relaxed)
            return time.withLock { time in
                time = time + .microseconds(10)
                return time
            }
        }
    }

    private let clock = Clock()
    private let loop = EmbeddedEventLoop()
    private let polling: BusyPolling

    init() {
        polling = BusyPolling(loop, limit: .microseconds(75)) { [clock] in clock.now() }
        // A brisk exchange.
        polling.sent()
        polling.came(1)
    }

    /// How often it was looked whether it is time to sleep until the loop had nothing more to do.
    private func looks() -> Int {
        let before = clock.looks.load(ordering: .relaxed)
        loop.run()
        return clock.looks.load(ordering: .relaxed) - before
    }

    @Test func aLoopStaysAwakeAfterSomethingHasLeft() {
        polling.sent()
        #expect(looks() == 8)
        #expect(looks() == 0)
    }

    /// The loop sees to its other work between.
    @Test func whatLeavesMeanwhileKeepsItAwakeForLonger() {
        polling.sent()
        loop.execute { [polling] in polling.sent() }
        #expect(looks() == 10)
        #expect(looks() == 0)
    }

    @Test func itIsDoneAgainAfterARest() {
        polling.sent()
        _ = looks()
        polling.came(1)
        polling.sent()
        polling.sent()
        #expect(looks() == 8)
    }

    @Test func itCanBeTurnedOff() {
        #expect(BusyPolling(loop, limit: .zero) == nil)
        #expect((BusyPolling(loop, limit: .microseconds(1)) != nil) == (System.coreCount > 1))
    }
}
