public import NIOCore

/// The deadlines of one connection behind a single timer. To move a deadline back costs nothing: the timer looks
/// again when it fires.
///
/// Lives on the connection's event loop. Connections ask it whenever they read or write: that code is inlined into theirs,
/// where the kinds are known.
@usableFromInline
package final class ConnectionTimeouts<Kind: CaseIterable & RawRepresentable<Int>> {
    /// By the numbers of their kinds, which begin at zero.
    @usableFromInline var deadlines = [NIODeadline](repeating: .distantFuture, count: Kind.allCases.count)
    private var armed = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private let loop: NIOIsolatedEventLoop
    private let onExpiry: (Kind) -> Void

    /// `onExpiry` is called on the loop for each deadline that has passed, which is then cleared.
    package init(loop: any EventLoop, onExpiry: @escaping (Kind) -> Void) {
        self.loop = loop.assumeIsolated()
        self.onExpiry = onExpiry
    }

    @inlinable package func isSet(_ kind: Kind) -> Bool { deadlines[kind.rawValue] != .distantFuture }

    @inlinable package func set(_ kind: Kind, after time: Duration) {
        let deadline = NIODeadline.now() + TimeAmount(time)
        deadlines[kind.rawValue] = deadline
        arm(deadline)
    }

    /// Sets a deadline unless it comes earlier already.
    @inlinable package func advance(_ kind: Kind, to deadline: NIODeadline) {
        guard deadline < deadlines[kind.rawValue] else { return }
        deadlines[kind.rawValue] = deadline
        arm(deadline)
    }

    @inlinable package func clear(_ kind: Kind) { deadlines[kind.rawValue] = .distantFuture }

    /// Ends all of it. The owner must call it: the timer holds the owner until then.
    package func stop() {
        timer?.cancel()
        timer = nil
        armed = .distantPast
    }

    @usableFromInline func arm(_ deadline: NIODeadline) {
        guard deadline < armed else { return }
        timer?.cancel()
        armed = deadline
        timer = loop.scheduleTask(deadline: deadline) { self.fire() }
    }

    private func fire() {
        timer = nil
        armed = .distantFuture
        let now = NIODeadline.now()
        for kind in Kind.allCases where deadlines[kind.rawValue] <= now {
            clear(kind)
            onExpiry(kind)
        }
        if let next = deadlines.min(), next != .distantFuture { arm(next) }
    }
}
