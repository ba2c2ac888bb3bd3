import NIOCore
import NIOEmbedded
import NestTesting
import Synchronization
import Testing

@testable import NestMessaging

/// How a loop waits for what may come.
@Suite struct SpinWaitTests {
    /// Goes on by ten microseconds whenever somebody looks at it, from the start of a period on.
    private final class Clock: Sendable {
        private let time = Mutex(NIODeadline.uptimeNanoseconds(SpinWorth.period * 1_000))
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
    private let look = SpinWait.Look()
    private let spinWait: SpinWait

    init() {
        spinWait = SpinWait(loop, limit: .microseconds(75), look: look) { [clock] in clock.now() }
        // A brisk exchange.
        spinWait.sent()
        spinWait.came(1)
    }

    /// How often it was looked whether it is time to sleep until the loop had nothing more to do.
    private func looks() -> Int {
        let before = clock.looks.load(ordering: .relaxed)
        loop.run()
        return clock.looks.load(ordering: .relaxed) - before
    }

    @Test func aLoopSpinsAfterSomethingHasLeft() {
        spinWait.sent()
        #expect(looks() == 8)
        #expect(looks() == 0)
    }

    /// Tasks have their turn, and what they send does not keep the loop from its sockets.
    @Test func whatLeavesMeanwhileDoesNotMakeItLonger() {
        spinWait.sent()
        loop.execute { [spinWait] in spinWait.sent() }
        // One more look is what was sent.
        #expect(looks() == 8)
        #expect(spinWait.count == 1)
    }

    @Test func itHappensOnceForWhatCame() {
        spinWait.sent()
        _ = looks()
        spinWait.sent()
        #expect(looks() == 0)
        spinWait.came(1)
        spinWait.sent()
        #expect(looks() == 8)
        #expect(spinWait.count == 2)
    }

    /// Each of many would have its sockets wait for longer.
    @Test func aLoopSpinsOnceWhoeverHasItSpin() {
        let other = SpinWait(loop, limit: .microseconds(75), look: look) { [clock] in clock.now() }
        other.sent()
        other.came(1)
        spinWait.sent()
        // The eighth look.
        other.sent()
        #expect(looks() == 7)
        #expect(spinWait.count == 1 && other.count == 0)
    }

    @Test func itCanBeTurnedOff() {
        #expect(SpinWait(loop, limit: .zero) == nil)
        #expect((SpinWait(loop, limit: .microseconds(1)) != nil) == (System.coreCount > 1))
    }
}
