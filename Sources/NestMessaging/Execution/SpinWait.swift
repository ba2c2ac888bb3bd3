package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps a loop's thread from going to sleep for a moment after something has left, since something may come at once: to
/// put a thread to sleep and to wake it again takes longer than a brief exchange with somebody near. The loop looks at its
/// sockets when the moment is over; its tasks go on meanwhile, and other threads get the processor when they want it. It
/// happens once for each time that something came, so nobody's sockets wait for longer; in brisk exchanges only, and there
/// while it pays (``SpinWorth``).
///
/// `@unchecked Sendable`: touched on its loop only.
package final class SpinWait: @unchecked Sendable {
    private let loop: any EventLoop
    private let clock: @Sendable () -> NIODeadline
    private var worth: SpinWorth
    /// Something has come since the loop spun last: it has looked at its sockets.
    private var hasCome = false
    /// It has just begun: what has woken with it goes first.
    private var isBusy = false
    /// How often the loop has spun.
    package private(set) var count = 0

    /// Nil: it is not wanted, or of no use where all run on one processor.
    package init?(_ loop: any EventLoop, limit: Duration) {
        guard limit > .zero, System.coreCount > 1 else { return nil }
        self.loop = loop
        clock = { NIODeadline.now() }
        worth = SpinWorth(limit: TimeAmount(limit))
    }

    init(_ loop: any EventLoop, limit: TimeAmount, clock: @escaping @Sendable () -> NIODeadline) {
        self.loop = loop
        self.clock = clock
        worth = SpinWorth(limit: limit)
    }

    /// True for what an option may say.
    package static func isAllowed(_ limit: Duration) -> Bool { limit >= .zero && limit <= .milliseconds(1) }

    /// Something has left, to which something may come.
    package func sent() {
        guard let end = worth.sent(at: clock()), hasCome else { return }
        hasCome = false
        isBusy = true
        count += 1
        spin(until: end)
    }

    /// Bytes came.
    package func came(_ bytes: Int) {
        hasCome = true
        worth.came(bytes, at: clock())
    }

    private func spin(until end: NIODeadline) {
        loop.execute { [self] in
            guard clock() < end else { return }
            if !isBusy { sched_yield() }
            isBusy = false
            spin(until: end)
        }
    }
}
