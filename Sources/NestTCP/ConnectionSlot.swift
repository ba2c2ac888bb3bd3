import Logging
import NIOCore
import Synchronization

/// The place of one kept connection: connects when somebody needs it, and again after every cut.
final class ConnectionSlot: Sendable {
    private enum Phase {
        /// Nobody has asked for it yet.
        case idle
        /// An attempt is going on, or begins as soon as it may; the waiters wait for it.
        case connecting
        case connected(ClientConnection)
        /// Down until the timer fires, or somebody asks.
        case waiting(Scheduled<Void>)
        case closed(TransportError)
    }

    private struct State {
        var phase = Phase.idle
        var waiters: [UInt64] = []
        var backoff: ReconnectBackoff
        /// No attempt begins before, whoever asks: a server that comes back is not run down by its callers.
        var earliest = NIODeadline.distantPast
        var hasBeenConnected = false
        /// The outage has been logged.
        var isReported = false

        mutating func takeWaiters() -> [UInt64] {
            defer { waiters = [] }
            return waiters
        }
    }

    private let connector: ClientConnector
    private let loop: any EventLoop
    /// Where callers wait for an attempt.
    private let callers: PendingReplies
    private let reconnects: ReconnectCounter?
    private let state: Mutex<State>

    init(connector: ClientConnector, loop: any EventLoop, callers: PendingReplies) {
        self.connector = connector
        self.loop = loop
        self.callers = callers
        reconnects = ReconnectCounter.installed(transport: "tcp")
        let options = connector.options
        state = Mutex(
            State(backoff: ReconnectBackoff(initial: options.reconnectDelay, limit: options.maxReconnectDelay)))
    }

    /// The connection, while there is one.
    var connection: ClientConnection? {
        state.withLock { state in
            guard case .connected(let connection) = state.phase else { return nil }
            return connection
        }
    }

    /// True before the first use.
    var isIdle: Bool {
        state.withLock { state in
            if case .idle = state.phase { return true }
            return false
        }
    }

    private enum Step {
        /// Begin an attempt, not before this.
        case attempt(NIODeadline)
        case wait
        case settled(PendingReplies.Reply)
    }

    /// Makes an attempt, as soon as one may be made, unless one is going on or a connection is there. `caller` is
    /// settled by it.
    func connect(for caller: UInt64? = nil) {
        let step = state.withLock { state -> Step in
            switch state.phase {
            case .connected: return .settled(.success(.null))
            case .closed(let error): return .settled(.failure(error))
            case .connecting:
                if let caller { state.waiters.append(caller) }
                return .wait
            case .waiting(let timer): timer.cancel()
            case .idle: break
            }
            state.phase = .connecting
            if let caller { state.waiters.append(caller) }
            return .attempt(state.earliest)
        }
        switch step {
        case .attempt(let time): time <= .now() ? attempt() : attempt(at: time)
        case .settled(let reply): if let caller { callers.settle(caller, reply) }
        case .wait: break
        }
    }

    /// Ends it for good; the future succeeds when the connection is gone.
    func close(_ error: TransportError) -> EventLoopFuture<Void> {
        let connection = state.withLock { state -> ClientConnection? in
            defer { state.phase = .closed(error) }
            switch state.phase {
            case .connected(let connection): return connection
            case .waiting(let timer): timer.cancel()
            case .idle, .connecting, .closed: break
            }
            return nil
        }
        guard let connection else { return loop.makeSucceededVoidFuture() }
        connection.close(error)
        return connection.whenGone.map { _ in }
    }
}

// MARK: - Attempts

extension ConnectionSlot {
    private func attempt(at time: NIODeadline) {
        _ = loop.scheduleTask(deadline: time) { [weak self] in self?.attempt() }
    }

    private func attempt() {
        if isClosed { return }
        connector.connect(on: loop).whenComplete { [self] result in
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): failed(TransportError(connecting: connector.options.address, error))
            }
        }
    }

    private func connected(_ connection: ClientConnection) {
        let (waiters, closed, isAgain) = state.withLock { state -> ([UInt64], TransportError?, Bool) in
            if case .closed(let error) = state.phase { return ([], error, false) }
            state.phase = .connected(connection)
            defer { state.hasBeenConnected = true }
            return (state.takeWaiters(), nil, state.hasBeenConnected)
        }
        if let closed { return connection.close(closed) }
        if isAgain { reconnects?.increment() }
        connection.whenGone.whenSuccess { [weak self] error in self?.lost(connection, error) }
        for waiter in waiters { callers.settle(waiter, .success(.null)) }
    }

    private func failed(_ error: TransportError) {
        let (waiters, reported) = state.withLock { state -> ([UInt64], Duration?) in
            guard case .connecting = state.phase else { return ([], nil) }
            return (state.takeWaiters(), pause(&state))
        }
        if let reported { report(error, reported) }
        for waiter in waiters { callers.settle(waiter, .failure(error)) }
    }

    /// A cut. One that the server has answered on begins with the shortest wait again.
    private func lost(_ connection: ClientConnection, _ error: TransportError) {
        let reported = state.withLock { state -> Duration? in
            guard case .connected(let current) = state.phase, current === connection else { return nil }
            if connection.hasReceived {
                state.backoff.reset()
                state.isReported = false
            }
            return pause(&state)
        }
        if let reported { report(error, reported) }
    }

    /// Waits before the next attempt. Returns for how long when that is to be logged: once in an outage.
    private func pause(_ state: inout State) -> Duration? {
        let delay = state.backoff.next()
        state.earliest = .now() + TimeAmount(min(delay, state.backoff.floor))
        state.phase = .waiting(loop.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.connect() })
        defer { state.isReported = true }
        return state.isReported ? nil : delay
    }

    private var isClosed: Bool {
        state.withLock { state in
            if case .closed = state.phase { return true }
            return false
        }
    }

    private func report(_ error: TransportError, _ delay: Duration) {
        connector.logger.warning(
            "no connection, trying again",
            metadata: [
                LogKey.transport: "tcp", LogKey.address: .string("\(connector.options.address)"),
                LogKey.error: .string("\(error)"), LogKey.delay: .string("\(delay)"),
            ])
    }
}
