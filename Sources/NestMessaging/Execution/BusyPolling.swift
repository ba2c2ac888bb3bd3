package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps a loop awake for a moment after something has left: to put a thread to sleep and to wake it again takes longer
/// than a brief exchange with somebody near. Others run meanwhile, and the loop sees to all of its sockets and timers. It
/// is done in brisk exchanges only, and there while it pays (``PollingWorth``).
///
/// `@unchecked Sendable`: touched on its loop only.
package final class BusyPolling: @unchecked Sendable {
    private let loop: any EventLoop
    private let clock: @Sendable () -> NIODeadline
    private var worth: PollingWorth
    private var end = NIODeadline.distantPast
    private var isPolling = false
    /// Something has come or left since it was looked at last: there is work.
    private var isBusy = false
    /// How often the loop stayed awake.
    package private(set) var count = 0

    /// Nil: it is not wanted, or of no use where all run on one processor.
    package init?(_ loop: any EventLoop, limit: Duration) {
        guard limit > .zero, System.coreCount > 1 else { return nil }
        self.loop = loop
        clock = { NIODeadline.now() }
        worth = PollingWorth(limit: TimeAmount(limit))
    }

    init(_ loop: any EventLoop, limit: TimeAmount, clock: @escaping @Sendable () -> NIODeadline) {
        self.loop = loop
        self.clock = clock
        worth = PollingWorth(limit: limit)
    }

    /// True for what an option may say.
    package static func isAllowed(_ limit: Duration) -> Bool { limit >= .zero && limit <= .milliseconds(1) }

    /// Something has left, to which something may come.
    package func sent() {
        guard let end = worth.sent(at: clock()) else { return }
        self.end = end
        isBusy = true
        guard !isPolling else { return }
        isPolling = true
        count += 1
        poll()
    }

    /// Bytes came.
    package func came(_ bytes: Int) {
        isBusy = true
        worth.came(bytes, at: clock())
    }

    private func poll() {
        loop.execute { [self] in
            guard clock() < end else {
                isPolling = false
                return
            }
            if !isBusy { sched_yield() }
            isBusy = false
            poll()
        }
    }
}
