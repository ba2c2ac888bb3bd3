import Logging
import NIOCore
import Synchronization

/// The place of one kept connection: connects when somebody needs it, and again after every cut.
final class ConnectionSlot: Sendable {
    private let connector: ClientConnector
    private let loop: any EventLoop
    /// Where callers wait for an attempt.
    private let callers: PendingReplies
    private let reconnects: ReconnectCounter?
    private let kept: Mutex<KeptConnection<ClientConnection>>

    init(connector: ClientConnector, loop: any EventLoop, callers: PendingReplies) {
        self.connector = connector
        self.loop = loop
        self.callers = callers
        reconnects = ReconnectCounter.installed(transport: "tcp")
        let options = connector.options
        kept = Mutex(KeptConnection(delay: options.reconnectDelay, maxDelay: options.maxReconnectDelay))
    }

    /// The connection, while there is one.
    var connection: ClientConnection? { kept.withLock { $0.connection } }

    /// True before the first use.
    var isIdle: Bool { kept.withLock { $0.isIdle } }

    /// Makes an attempt, as soon as one may be made, unless one is going on or a connection is there. `caller` is
    /// settled by it.
    func connect(for caller: UInt64? = nil) {
        switch kept.withLock({ $0.ask(for: caller) }) {
        case .attempt(let time): time <= .now() ? attempt() : attempt(at: time)
        case .settled(let reply): if let caller { callers.settle(caller, reply) }
        case .wait: break
        }
    }

    /// Ends it for good; the future succeeds when the connection is gone.
    func close(_ error: TransportError) -> EventLoopFuture<Void> {
        guard let connection = kept.withLock({ $0.close(error) }) else { return loop.makeSucceededVoidFuture() }
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
        guard kept.withLock({ $0.closed }) == nil else { return }
        connector.connect(on: loop).whenComplete { [self] result in
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): failed(TransportError(connecting: connector.options.address, error))
            }
        }
    }

    private func connected(_ connection: ClientConnection) {
        let (arrival, closed) = kept.withLock { ($0.arrived(connection), $0.closed) }
        guard let arrival else { return connection.close(closed ?? Self.unwanted) }
        if arrival.isAgain { reconnects?.increment() }
        connection.whenGone.whenSuccess { [weak self] error in self?.lost(connection, error) }
        for waiter in arrival.waiters { callers.settle(waiter, .success(.null)) }
    }

    private static var unwanted: TransportError { TransportError(.closed, "nobody wants the connection any more") }

    private func failed(_ error: TransportError) { handle(kept.withLock { $0.failed(schedule: again) }, error) }

    /// A cut. One that the server has answered on begins with the shortest wait again.
    private func lost(_ connection: ClientConnection, _ error: TransportError) {
        let worked = connection.hasReceived
        handle(kept.withLock { $0.lost(connection, worked: worked, schedule: again) }, error)
    }

    private func again(after delay: Duration) -> Scheduled<Void> {
        loop.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.connect() }
    }

    private func handle(_ outage: KeptConnection<ClientConnection>.Outage?, _ error: TransportError) {
        guard let outage else { return }
        if let delay = outage.reported { report(error, delay) }
        for waiter in outage.waiters { callers.settle(waiter, .failure(error)) }
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
