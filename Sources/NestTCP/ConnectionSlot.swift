import Logging
import NIOCore
import Synchronization

/// The place of one kept connection: connects when somebody needs it, and again after every cut.
final class ConnectionSlot: Sendable {
    private enum Phase {
        /// Nobody has asked for it yet.
        case idle
        /// An attempt is going on; these wait for it.
        case connecting(waiters: [UInt64])
        case connected(ClientConnection)
        /// Down until the timer fires, or somebody asks.
        case waiting(Scheduled<Void>)
        case closed(TransportError)
    }

    private struct State {
        var phase = Phase.idle
        var backoff: ReconnectBackoff
        /// The outage has been logged.
        var isReported = false
    }

    private let connector: ClientConnector
    private let loop: any EventLoop
    /// Where callers wait for an attempt.
    private let callers: PendingReplies
    private let state: Mutex<State>

    init(connector: ClientConnector, loop: any EventLoop, callers: PendingReplies) {
        self.connector = connector
        self.loop = loop
        self.callers = callers
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

    /// Makes an attempt unless one is going on or a connection is there. `caller` is settled by it.
    func connect(for caller: UInt64? = nil) {
        let waiters = caller.map { [$0] } ?? []
        let (isNew, settled) = state.withLock { state -> (Bool, PendingReplies.Reply?) in
            switch state.phase {
            case .connected: return (false, .success(.null))
            case .closed(let error): return (false, .failure(error))
            case .connecting(let others):
                state.phase = .connecting(waiters: others + waiters)
                return (false, nil)
            case .waiting(let timer):
                timer.cancel()
                state.phase = .connecting(waiters: waiters)
                return (true, nil)
            case .idle:
                state.phase = .connecting(waiters: waiters)
                return (true, nil)
            }
        }
        if let settled, let caller { callers.settle(caller, settled) }
        if isNew { attempt() }
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
    private func attempt() {
        connector.connect(on: loop).whenComplete { [self] result in
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): failed(TransportError(connecting: connector.options.address, error))
            }
        }
    }

    private func connected(_ connection: ClientConnection) {
        let (waiters, closed) = state.withLock { state -> ([UInt64], TransportError?) in
            if case .closed(let error) = state.phase { return ([], error) }
            guard case .connecting(let waiters) = state.phase else { return ([], nil) }
            state.phase = .connected(connection)
            return (waiters, nil)
        }
        if let closed { return connection.close(closed) }
        connection.whenGone.whenSuccess { [weak self] error in self?.lost(connection, error) }
        for waiter in waiters { callers.settle(waiter, .success(.null)) }
    }

    private func failed(_ error: TransportError) {
        let waiters = state.withLock { state -> [UInt64] in
            guard case .connecting(let waiters) = state.phase else { return [] }
            pause(&state, error)
            return waiters
        }
        for waiter in waiters { callers.settle(waiter, .failure(error)) }
    }

    /// A cut. One that the server has answered on begins with the shortest wait again.
    private func lost(_ connection: ClientConnection, _ error: TransportError) {
        state.withLock { state in
            guard case .connected(let current) = state.phase, current === connection else { return }
            if connection.hasReceived {
                state.backoff.reset()
                state.isReported = false
            }
            pause(&state, error)
        }
    }

    private func pause(_ state: inout State, _ error: TransportError) {
        let delay = state.backoff.next()
        if !state.isReported { report(error, delay) }
        state.isReported = true
        state.phase = .waiting(loop.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.connect() })
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
