package import NIOCore
import NIOPosix

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
/// happens once for each time that something came on the loop, whoever has it spin, so sockets do not wait for longer; in
/// brisk exchanges only, and there while it pays (``SpinWorth``).
///
/// `@unchecked Sendable`: touched on its loop only.
package final class SpinWait: @unchecked Sendable {
    /// Whether a loop has looked at its sockets since it spun last: something came.
    ///
    /// `@unchecked Sendable`: touched on its thread only.
    final class Look: @unchecked Sendable {
        private static let ofThread = ThreadSpecificVariable<Look>()

        var hasCome = false

        static var here: Look {
            if let look = ofThread.currentValue { return look }
            let look = Look()
            ofThread.currentValue = look
            return look
        }
    }

    private let loop: any EventLoop
    private let clock: @Sendable () -> NIODeadline
    private var worth: SpinWorth
    private lazy var look = Look.here
    /// How often it has had the loop spin.
    package private(set) var count = 0

    /// Nil: it is not wanted, or of no use where all run on one processor.
    package init?(_ loop: any EventLoop, limit: Duration) {
        guard limit > .zero, System.coreCount > 1 else { return nil }
        self.loop = loop
        clock = { NIODeadline.now() }
        worth = SpinWorth(limit: TimeAmount(limit))
    }

    init(_ loop: any EventLoop, limit: TimeAmount, look: Look, clock: @escaping @Sendable () -> NIODeadline) {
        self.loop = loop
        self.clock = clock
        worth = SpinWorth(limit: limit)
        self.look = look
    }

    /// True for what an option may say.
    package static func isAllowed(_ limit: Duration) -> Bool { limit >= .zero && limit <= .milliseconds(1) }

    /// Something has left, to which something may come.
    package func sent() {
        guard let end = worth.sent(at: clock()), look.hasCome else { return }
        look.hasCome = false
        count += 1
        spin(until: end)
    }

    /// Bytes came.
    package func came(_ bytes: Int) {
        look.hasCome = true
        worth.came(bytes, at: clock())
    }

    private func spin(until end: NIODeadline) {
        loop.execute { [self] in
            guard clock() < end else { return }
            sched_yield()
            spin(until: end)
        }
    }
}
