import Logging
import NIOCore
import Synchronization

/// Keeps one connection up: connects when somebody needs it, and again after every cut.
final class NatsLink: Sendable {
    /// What its owner does when the connection comes and goes.
    struct Owner: Sendable {
        /// Subscribes. The connection counts as up when it returns; throwing gives it up.
        var prepare: @Sendable (NatsConnection) async throws(TransportError) -> Void
        /// The connection is gone, called once for each that was up, before the next attempt.
        var lost: @Sendable (NatsConnection, TransportError) -> Void
        /// Another connection was prepared and has taken over: takes what this one has still brought, and closes it.
        var retire: @Sendable (NatsConnection) async -> Void
    }

    struct State {
        var kept: KeptConnection<NatsConnection>
        /// They wait through failures, with how many bytes they have to send.
        var patient: [UInt64: Int] = [:]
        var attempt: Task<Void, Never>?
        /// Makes another connection beside the one that is up.
        var renewal: Task<Void, Never>?
        var isRenewing = false
        /// Files have changed after they were read for the connection that is being made.
        var isStale = false
        var renewBackoff: ReconnectBackoff
        /// Where it was connected last.
        var last: NatsAddress?
        /// Servers of the cluster that no option names.
        var discovered: [NatsAddress] = []
        /// Why it is down.
        var failure: TransportError?
    }

    let connector: NatsConnector
    let loop: NatsLoop
    let notices: NatsNotices
    let owner: Owner
    let timers: any EventLoop
    private let callers: PendingReplies
    let logger: Logger
    private let reconnects: ReconnectCounter?
    /// The files that secrets and certificates are read from.
    let files: FileWatch
    let state: Mutex<State>

    init(
        connector: NatsConnector, loop: NatsLoop, notices: NatsNotices, environment: TransportEnvironment,
        owner: Owner
    ) {
        self.connector = connector
        self.loop = loop
        self.notices = notices
        self.owner = owner
        timers = environment.eventLoopGroup.next()
        callers = PendingReplies(eventLoop: timers, limit: connector.options.maxPending)
        logger = environment.logger
        reconnects = ReconnectCounter.installed(transport: "nats")
        let options = connector.options
        files = FileWatch(connector.files, on: timers, every: options.fileCheckInterval)
        state = Mutex(
            State(
                kept: KeptConnection(delay: options.reconnectDelay, maxDelay: options.maxReconnectDelay),
                renewBackoff: ReconnectBackoff(initial: options.reconnectDelay, limit: options.maxReconnectDelay)))
    }

    /// The connection, while it is up.
    @inline(__always)
    var connection: NatsConnection? { state.withLock { $0.kept.connection } }

    /// True before the first use.
    var isIdle: Bool { state.withLock { $0.kept.isIdle } }

    /// Why it is down; nil while it is up, and before the first failure.
    var failure: TransportError? { state.withLock { $0.failure } }

    /// Calls that wait for a connection.
    var waitingCount: Int { callers.count }
}

// MARK: - Callers

extension NatsLink {
    /// Connects, unless there is a connection; settles with the attempt.
    func connect(until deadline: NIODeadline) async throws(TransportError) {
        let ticket = try callers.register(deadline: deadline)
        _ = try await callers.reply(to: ticket) { attempt(for: ticket.id) }
    }

    /// The connection for a request. Down after it was up, that is an error at once.
    func connectionNow(until deadline: NIODeadline) async throws(TransportError) -> NatsConnection {
        if let connection { return connection }
        if let failure = state.withLock({ $0.kept.hasBeenUp || $0.kept.closed != nil ? $0.failure : nil }) {
            throw failure
        }
        try await connect(until: deadline)
        guard let connection else { throw Self.lostAtOnce }
        return connection
    }

    /// The connection for an event of so many bytes: waits for it until the deadline, through failures. Throws
    /// `overloaded` when too many bytes wait already.
    func connectionEventually(
        until deadline: NIODeadline, bytes: Int
    ) async throws(TransportError) -> NatsConnection {
        while true {
            if let connection { return connection }
            let ticket = try callers.register(deadline: deadline)
            defer { _ = state.withLock { $0.patient.removeValue(forKey: ticket.id) } }
            do throws(TransportError) {
                _ = try await callers.reply(to: ticket) { wait(ticket.id, bytes: bytes) }
            } catch {
                guard error.code == .timeout, let failure else { throw error }
                throw failure
            }
        }
    }

    private func wait(_ caller: UInt64, bytes: Int) {
        let limit = connector.options.maxBufferedBytes
        let reply = state.withLock { state -> PendingReplies.Reply? in
            if state.kept.connection != nil { return .success(.null) }
            if let error = state.kept.closed { return .failure(error) }
            guard state.patient.values.reduce(bytes, +) <= limit else {
                return .failure(TransportError(.overloaded, "\(limit) bytes wait for a NATS connection already"))
            }
            state.patient[caller] = bytes
            return nil
        }
        if let reply { callers.settle(caller, reply) } else if isIdle { attempt() }
    }

    private static var lostAtOnce: TransportError {
        TransportError(.disconnected, "the NATS connection was lost as soon as it was made")
    }
}

// MARK: - Attempts

extension NatsLink {
    /// Makes an attempt, as soon as one may be made, unless one is going on or a connection is there.
    private func attempt(for caller: UInt64? = nil) {
        switch state.withLock({ $0.kept.ask(for: caller) }) {
        case .attempt(let time): time <= .now() ? begin() : schedule(at: time)
        case .settled(let reply): if let caller { callers.settle(caller, reply) }
        case .wait: break
        }
    }

    private func schedule(at time: NIODeadline) {
        _ = timers.scheduleTask(deadline: time) { [weak self] in self?.begin() }
    }

    func begin() {
        state.withLock { state in
            // A renewal that is going on is an attempt as well.
            guard state.kept.isConnecting, !state.isRenewing else { return }
            state.attempt = Task { await self.makeConnection() }
        }
    }

    private func makeConnection() async {
        do throws(TransportError) {
            await arrived(try await preparedConnection(trying: addresses()))
        } catch {
            failed(error)
        }
    }

    func preparedConnection(trying addresses: [NatsAddress]) async throws(TransportError) -> NatsConnection {
        state.withLock { $0.isStale = false }
        files.willRead()
        let connection = try await connector.connect(on: loop, trying: addresses, notices: notices)
        do throws(TransportError) {
            try await owner.prepare(connection)
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    /// The named servers, then those the cluster has named. The one that was lost last comes last.
    func addresses() -> [NatsAddress] {
        let (last, discovered) = state.withLock { ($0.last, $0.discovered) }
        var all = connector.addresses
        for address in discovered where !all.contains(where: { $0.isSamePlace(as: address) }) { all.append(address) }
        if let last, let index = all.firstIndex(where: { $0.isSamePlace(as: last) }) {
            all.append(all.remove(at: index))
        }
        return all
    }

    func arrived(_ connection: NatsConnection) async {
        let arrival = state.withLock { state -> (waiters: [UInt64], isAgain: Bool)? in
            guard var arrival = state.kept.arrived(connection) else { return nil }
            state.last = connection.address
            state.failure = nil
            arrival.waiters += state.patient.keys
            state.patient = [:]
            return arrival
        }
        guard let arrival else { return await connection.close() }
        if arrival.isAgain { reconnects?.increment() }
        logger.debug("connected", metadata: [LogKey.transport: "nats", LogKey.address: "\(connection.address)"])
        for waiter in arrival.waiters { callers.settle(waiter, .success(.null)) }
        connection.whenEnded { [weak self] in self?.ended(connection, $0) }
        files.start { [weak self] in self?.renew() }
        if state.withLock({ $0.isStale }) { renew() }
    }

    private func failed(_ error: TransportError) {
        let outage = state.withLock { state -> KeptConnection<NatsConnection>.Outage? in
            guard let outage = state.kept.failed(schedule: again) else { return nil }
            state.failure = error
            return outage
        }
        guard let outage else { return }
        if let delay = outage.reported { report(error, delay) }
        for waiter in outage.waiters { callers.settle(waiter, .failure(error)) }
    }

    /// A cut.
    private func ended(_ connection: NatsConnection, _ error: TransportError) {
        let discovered = connection.discovered
        let outage = state.withLock { state -> KeptConnection<NatsConnection>.Outage? in
            guard let outage = state.kept.lost(connection, worked: true, schedule: again) else { return nil }
            state.discovered = discovered
            state.failure = error
            return outage
        }
        guard let outage else { return }
        owner.lost(connection, error)
        if let delay = outage.reported { report(error, delay) }
    }

    private func again(after delay: Duration) -> Scheduled<Void> {
        timers.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.attempt() }
    }

    private func report(_ error: TransportError, _ delay: Duration) {
        logger.warning(
            "no connection, trying again",
            metadata: [
                LogKey.transport: "nats", LogKey.error: .string("\(error)"), LogKey.delay: .string("\(delay)"),
            ])
    }
}

// MARK: - The end

extension NatsLink {
    /// Ends it for good; what waits for a connection fails with `error`. Returns when the connection is gone, and what
    /// was handed to it is written.
    func close(_ error: TransportError) async {
        callers.failAll(error, closing: true)
        let (connection, attempts) = end(error)
        for attempt in attempts { await attempt.value }
        await connection?.close()
    }

    /// The same without waiting for it.
    func abandon(_ error: TransportError) {
        callers.failAll(error, closing: true)
        if let connection = end(error).0 { Task { await connection.close() } }
    }

    private func end(_ error: TransportError) -> (NatsConnection?, [Task<Void, Never>]) {
        files.end()
        return state.withLock { state in
            state.failure = error
            return (state.kept.close(error), [state.attempt, state.renewal].compactMap { $0 })
        }
    }
}
