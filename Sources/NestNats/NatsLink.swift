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
        var lost: @Sendable (TransportError) -> Void
    }

    private enum Phase {
        /// Nobody has asked for it yet.
        case idle
        /// An attempt is going on, or begins as soon as it may.
        case connecting
        case up(NatsConnection)
        /// Down until the timer fires.
        case waiting(Scheduled<Void>)
        case closed(TransportError)
    }

    private struct State {
        var phase = Phase.idle
        /// They are settled by the end of an attempt.
        var waiters: [UInt64] = []
        /// They wait through failures, with how many bytes they have to send.
        var patient: [UInt64: Int] = [:]
        var backoff: ReconnectBackoff
        /// No attempt begins before, whoever asks.
        var earliest = NIODeadline.distantPast
        var attempt: Task<Void, Never>?
        /// Where it was connected last.
        var last: NatsAddress?
        /// Servers of the cluster that no option names.
        var discovered: [NatsAddress] = []
        var hasBeenUp = false
        /// Why it is down.
        var failure: TransportError?
    }

    private let connector: NatsConnector
    private let loop: NatsLoop
    private let notices: NatsNotices
    private let owner: Owner
    private let timers: any EventLoop
    private let callers: PendingReplies
    private let logger: Logger
    private let reconnects: ReconnectCounter?
    private let state: Mutex<State>

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
        state = Mutex(
            State(backoff: ReconnectBackoff(initial: options.reconnectDelay, limit: options.maxReconnectDelay)))
    }

    /// The connection, while it is up.
    @inline(__always)
    var connection: NatsConnection? {
        state.withLock { state in
            guard case .up(let connection) = state.phase else { return nil }
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
        if let failure = state.withLock({ $0.hasBeenUp ? $0.failure : nil }) { throw failure }
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
            switch state.phase {
            case .up: return .success(.null)
            case .closed(let error): return .failure(error)
            case .idle, .connecting, .waiting: break
            }
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
    private enum Step {
        /// Begin an attempt, not before this.
        case begin(NIODeadline)
        case wait
        case settled(PendingReplies.Reply)
    }

    /// Makes an attempt, as soon as one may be made, unless one is going on or a connection is there.
    private func attempt(for caller: UInt64? = nil) {
        let step = state.withLock { state -> Step in
            switch state.phase {
            case .up: return .settled(.success(.null))
            case .closed(let error): return .settled(.failure(error))
            case .connecting:
                if let caller { state.waiters.append(caller) }
                return .wait
            case .waiting(let timer): timer.cancel()
            case .idle: break
            }
            state.phase = .connecting
            if let caller { state.waiters.append(caller) }
            return .begin(state.earliest)
        }
        switch step {
        case .begin(let time): time <= .now() ? begin() : schedule(at: time)
        case .settled(let reply): if let caller { callers.settle(caller, reply) }
        case .wait: break
        }
    }

    private func schedule(at time: NIODeadline) {
        _ = timers.scheduleTask(deadline: time) { [weak self] in self?.begin() }
    }

    private func begin() {
        state.withLock { state in
            guard case .connecting = state.phase else { return }
            state.attempt = Task { await self.makeConnection() }
        }
    }

    private func makeConnection() async {
        do throws(TransportError) {
            let connection = try await connector.connect(on: loop, trying: addresses(), notices: notices)
            do throws(TransportError) {
                try await owner.prepare(connection)
                await arrived(connection)
            } catch {
                await connection.close()
                failed(error)
            }
        } catch {
            failed(error)
        }
    }

    /// The named servers, then those the cluster has named. The one that was lost last comes last.
    private func addresses() -> [NatsAddress] {
        let (last, discovered) = state.withLock { ($0.last, $0.discovered) }
        var all = connector.addresses
        for address in discovered where !all.contains(where: { $0.isSamePlace(as: address) }) { all.append(address) }
        if let last, let index = all.firstIndex(where: { $0.isSamePlace(as: last) }) {
            all.append(all.remove(at: index))
        }
        return all
    }

    private func arrived(_ connection: NatsConnection) async {
        let (waiters, isAgain) = state.withLock { state -> ([UInt64]?, Bool) in
            if case .closed = state.phase { return (nil, false) }
            state.phase = .up(connection)
            state.last = connection.address
            state.failure = nil
            defer {
                state.hasBeenUp = true
                state.waiters = []
                state.patient = [:]
            }
            return (state.waiters + state.patient.keys, state.hasBeenUp)
        }
        guard let waiters else { return await connection.close() }
        if isAgain { reconnects?.increment() }
        logger.debug("connected", metadata: [LogKey.transport: "nats", LogKey.address: "\(connection.address)"])
        for waiter in waiters { callers.settle(waiter, .success(.null)) }
        connection.whenEnded { [weak self] in self?.ended(connection, $0) }
    }

    private func failed(_ error: TransportError) {
        let (waiters, reported) = state.withLock { state -> ([UInt64], Duration?) in
            guard case .connecting = state.phase else { return ([], nil) }
            defer { state.waiters = [] }
            return (state.waiters, pause(&state, error))
        }
        if let reported { report(error, reported) }
        for waiter in waiters { callers.settle(waiter, .failure(error)) }
    }

    /// A cut.
    private func ended(_ connection: NatsConnection, _ error: TransportError) {
        let discovered = connection.discovered
        let (isOurs, reported) = state.withLock { state -> (Bool, Duration?) in
            guard case .up(let current) = state.phase, current === connection else { return (false, nil) }
            state.backoff.reset()
            state.discovered = discovered
            return (true, pause(&state, error))
        }
        if isOurs { owner.lost(error) }
        if let reported { report(error, reported) }
    }

    /// Waits before the next attempt. Returns for how long when that is to be logged: once in an outage.
    private func pause(_ state: inout State, _ error: TransportError) -> Duration? {
        let delay = state.backoff.next()
        state.earliest = .now() + TimeAmount(min(delay, state.backoff.floor))
        state.phase = .waiting(timers.scheduleTask(in: TimeAmount(delay)) { [weak self] in self?.attempt() })
        defer { state.failure = error }
        return state.failure == nil ? delay : nil
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
        let (connection, attempt) = end(error)
        await attempt?.value
        await connection?.close()
    }

    /// The same without waiting for it.
    func abandon(_ error: TransportError) {
        callers.failAll(error, closing: true)
        if let connection = end(error).0 { Task { await connection.close() } }
    }

    private func end(_ error: TransportError) -> (NatsConnection?, Task<Void, Never>?) {
        state.withLock { state in
            defer {
                state.phase = .closed(error)
                state.failure = error
                state.hasBeenUp = true
            }
            switch state.phase {
            case .up(let connection): return (connection, state.attempt)
            case .waiting(let timer): timer.cancel()
            case .idle, .connecting, .closed: break
            }
            return (nil, state.attempt)
        }
    }
}
