import Logging
import NIOCore
import Synchronization

/// The place of one kept connection: connects when somebody needs it, and again after every cut; when the server sends
/// it away, a new one takes over while the old one gets its last answers.
final class ConnectionSlot: Sendable {
    private let connector: ClientConnector
    private let loop: any EventLoop
    private let reconnects: ReconnectCounter?
    private let kept: Mutex<KeptConnection<ClientConnection>>
    /// Connections that are not gone, the kept one among them.
    private let alive = Mutex<[ObjectIdentifier: ClientConnection]>([:])
    private weak let pool: ConnectionPool?

    init(connector: ClientConnector, loop: any EventLoop, pool: ConnectionPool) {
        self.connector = connector
        self.loop = loop
        self.pool = pool
        reconnects = ReconnectCounter.installed(transport: "grpc")
        let options = connector.options
        kept = Mutex(KeptConnection(delay: options.reconnectDelay, maxDelay: options.maxReconnectDelay))
    }

    /// The connection, while there is one.
    var connection: ClientConnection? { kept.withLock { $0.connection } }

    /// True before the first use.
    var isIdle: Bool { kept.withLock { $0.isIdle } }

    /// Those that may have calls.
    var connections: [ClientConnection] { alive.withLock { Array($0.values) } }

    /// Makes an attempt, as soon as one may be made, unless one is going on or a connection is there. `caller` is
    /// settled by it.
    func connect(for caller: UInt64? = nil) {
        switch kept.withLock({ $0.ask(for: caller) }) {
        case .attempt(let time): time <= .now() ? attempt() : attempt(at: time)
        case .settled(let reply): if let caller { pool?.settle(caller, reply) }
        case .wait: break
        }
    }

    /// Ends it for good; the futures succeed when its connections are gone.
    func close(_ error: TransportError) -> [EventLoopFuture<Void>] {
        _ = kept.withLock { $0.close(error) }
        return connections.map { connection in
            connection.close(error)
            return connection.whenGone.map { _ in }
        }
    }
}

// MARK: - Attempts

extension ConnectionSlot {
    private func attempt(at time: NIODeadline) {
        _ = loop.scheduleTask(deadline: time) { [weak self] in self?.attempt() }
    }

    private func attempt() {
        guard kept.withLock({ $0.closed }) == nil else { return }
        connector.connect(on: loop, for: self).whenComplete { [self] result in
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): failed(TransportError(connecting: connector.options.address, error))
            }
        }
    }

    private func connected(_ connection: ClientConnection) {
        alive.withLock { $0[ObjectIdentifier(connection)] = connection }
        connection.whenGone.whenComplete { [weak self] _ in
            self?.alive.withLock { $0[ObjectIdentifier(connection)] = nil }
        }
        let (arrival, closed) = kept.withLock { ($0.arrived(connection), $0.closed) }
        guard let arrival else { return connection.close(closed ?? Self.unwanted) }
        if arrival.isAgain { reconnects?.increment() }
        for waiter in arrival.waiters { pool?.settle(waiter, .success(.null)) }
    }

    private static var unwanted: TransportError { TransportError(.closed, "nobody wants the connection any more") }

    private func failed(_ error: TransportError) { handle(kept.withLock { $0.failed(schedule: again) }, error) }

    private func again(after delay: Duration) -> Scheduled<Void> {
        loop.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.connect() }
    }

    private func handle(_ outage: KeptConnection<ClientConnection>.Outage?, _ error: TransportError) {
        guard let outage else { return }
        if let delay = outage.reported { report(error, delay) }
        for waiter in outage.waiters { pool?.settle(waiter, .failure(error)) }
    }

    private func report(_ error: TransportError, _ delay: Duration) {
        connector.logger.warning(
            "no connection, trying again",
            metadata: [
                LogKey.transport: "grpc", LogKey.address: .string(connector.options.address),
                LogKey.error: .string("\(error)"), LogKey.delay: .string("\(delay)"),
            ])
    }
}

// MARK: - What its connections say

extension ConnectionSlot: ClientConnectionOwner {
    /// After one that the server has answered on, the shortest wait comes first again.
    func retired(_ connection: ClientConnection, _ error: TransportError) {
        let worked = connection.hasAnswered
        handle(kept.withLock { $0.lost(connection, worked: worked, schedule: again) }, error)
    }

    func move(_ call: ClientCall, from connection: ClientConnection, _ error: TransportError) {
        guard let pool else { return _ = connection.calls.settle(call.id, .failure(error)) }
        pool.move(call, from: connection, error)
    }
}
