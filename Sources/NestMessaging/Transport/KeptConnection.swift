package import NIOCore

/// The life of a connection that is kept: made when somebody needs it, and again after every cut, never faster than a
/// backoff allows. A value behind its owner's lock; it says what to do, and the owner does it outside.
package struct KeptConnection<Connection: AnyObject & Sendable> {
    private enum Phase {
        /// Nobody has asked for it yet.
        case idle
        /// An attempt is going on, or begins as soon as it may; the waiters wait for it.
        case connecting
        /// ``connection`` is there.
        case up
        /// Down until the timer fires, or somebody asks.
        case waiting(Scheduled<Void>)
        case closed(TransportError)
    }

    /// What comes of asking for the connection.
    package enum Step {
        /// Begin an attempt, not before this.
        case attempt(NIODeadline)
        case wait
        case settled(PendingReplies.Reply)
    }

    /// A failure or a cut.
    package struct Outage: Equatable {
        /// Callers whom the attempt settles.
        package var waiters: [UInt64]
        /// How long until the next attempt, when that is to be logged: once in an outage.
        package var reported: Duration?
    }

    private var phase = Phase.idle
    /// The connection, while it is up. Stored: asked for with every message, and a call would cost more than it.
    package private(set) var connection: Connection?
    private var waiters: [UInt64] = []
    private var backoff: ReconnectBackoff
    /// No attempt begins before, whoever asks: a server that comes back is not run down by its callers.
    private var earliest = NIODeadline.distantPast
    private var isReported = false
    /// It has been up before.
    package private(set) var hasBeenUp = false

    /// Nobody has asked for it yet.
    package init(delay: Duration, maxDelay: Duration) {
        backoff = ReconnectBackoff(initial: delay, limit: maxDelay)
    }

    /// True before the first use.
    package var isIdle: Bool {
        if case .idle = phase { return true }
        return false
    }

    package var isConnecting: Bool {
        if case .connecting = phase { return true }
        return false
    }

    /// Why it is closed for good; nil while it is not.
    package var closed: TransportError? {
        guard case .closed(let error) = phase else { return nil }
        return error
    }

    /// Somebody needs it. An attempt is to be made unless one is going on or the connection is there; `caller` waits for
    /// it.
    package mutating func ask(for caller: UInt64?) -> Step {
        switch phase {
        case .up: return .settled(.success(.null))
        case .closed(let error): return .settled(.failure(error))
        case .connecting:
            if let caller { waiters.append(caller) }
            return .wait
        case .waiting(let timer): timer.cancel()
        case .idle: break
        }
        phase = .connecting
        if let caller { waiters.append(caller) }
        return .attempt(earliest)
    }

    /// An attempt has succeeded: the callers to be told. Nil when it was closed meanwhile, and nobody wants it.
    package mutating func arrived(_ connection: Connection) -> (waiters: [UInt64], isAgain: Bool)? {
        if case .closed = phase { return nil }
        phase = .up
        self.connection = connection
        defer { hasBeenUp = true }
        return (takeWaiters(), hasBeenUp)
    }

    /// An attempt has failed. Nil when none was going on any more.
    package mutating func failed(schedule: (Duration) -> Scheduled<Void>) -> Outage? {
        guard isConnecting else { return nil }
        return pause(schedule)
    }

    /// A connection was cut. Nil when it is not ours. After one that has `worked` the shortest wait comes first again.
    package mutating func lost(
        _ connection: Connection, worked: Bool, schedule: (Duration) -> Scheduled<Void>
    ) -> Outage? {
        guard self.connection === connection else { return nil }
        if worked {
            backoff.reset()
            isReported = false
        }
        return pause(schedule)
    }

    /// Ends it for good. Returns the connection when it is up: its owner closes it.
    package mutating func close(_ error: TransportError) -> Connection? {
        if case .waiting(let timer) = phase { timer.cancel() }
        defer {
            phase = .closed(error)
            connection = nil
        }
        return connection
    }

    private mutating func pause(_ schedule: (Duration) -> Scheduled<Void>) -> Outage {
        let delay = backoff.next()
        connection = nil
        earliest = .now() + TimeAmount(min(delay, backoff.floor))
        phase = .waiting(schedule(delay))
        defer { isReported = true }
        return Outage(waiters: takeWaiters(), reported: isReported ? nil : delay)
    }

    private mutating func takeWaiters() -> [UInt64] {
        defer { waiters = [] }
        return waiters
    }
}
