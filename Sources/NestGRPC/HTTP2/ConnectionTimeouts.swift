import NIOCore

/// The deadlines of one connection behind a single timer. To move a deadline back costs nothing: the timer looks
/// again when it fires.
///
/// Lives on the connection's event loop.
final class ConnectionTimeouts {
    enum Kind: Int, CaseIterable {
        /// The peer must say that it speaks HTTP/2.
        case handshake
        /// What was written must be taken.
        case write
        /// Calls must come at all.
        case idle
        /// A peer of which nothing is heard is asked.
        case keepalive
        /// It must answer.
        case pong
        /// A handler's caller stops waiting.
        case deadline
        /// Who was told that an end is near must have heard it.
        case farewell
    }

    private var deadlines = [NIODeadline](repeating: .distantFuture, count: Kind.allCases.count)
    private var armed = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private let loop: NIOIsolatedEventLoop
    private let onExpiry: (Kind) -> Void

    /// `onExpiry` is called on the loop for each deadline that has passed, which is then cleared.
    init(loop: any EventLoop, onExpiry: @escaping (Kind) -> Void) {
        self.loop = loop.assumeIsolated()
        self.onExpiry = onExpiry
    }

    func isSet(_ kind: Kind) -> Bool { deadlines[kind.rawValue] != .distantFuture }

    func set(_ kind: Kind, after time: Duration) {
        let deadline = NIODeadline.now() + TimeAmount(time)
        deadlines[kind.rawValue] = deadline
        arm(deadline)
    }

    /// Sets a deadline unless it comes earlier already.
    func advance(_ kind: Kind, to deadline: NIODeadline) {
        guard deadline < deadlines[kind.rawValue] else { return }
        deadlines[kind.rawValue] = deadline
        arm(deadline)
    }

    func clear(_ kind: Kind) { deadlines[kind.rawValue] = .distantFuture }

    /// Ends all of it. The owner must call it: the timer holds the owner until then.
    func stop() {
        timer?.cancel()
        timer = nil
        armed = .distantPast
    }

    private func arm(_ deadline: NIODeadline) {
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
