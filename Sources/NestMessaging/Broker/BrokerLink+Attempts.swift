import Logging
import NIOCore
import Synchronization

/// One attempt at a time, and what comes of it.
extension BrokerLink {
    /// Makes an attempt, as soon as one may be made, unless one is going on or a connection is there.
    func attempt(for caller: UInt64? = nil) {
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
            guard state.kept.isConnecting, !state.isRenewing, !state.isAttempting else { return }
            state.isAttempting = true
            state.attempt = Task { await self.tryOnce() }
        }
    }

    private func tryOnce() async {
        do throws(TransportError) {
            _ = await arrived(try await preparedConnection())
        } catch {
            failed(error)
        }
    }

    func preparedConnection() async throws(TransportError) -> Connection {
        state.withLock { $0.isStale = false }
        files.willRead()
        let connection = try await makeConnection()
        do throws(TransportError) {
            try await owner.prepare(connection)
        } catch {
            await connection.close()
            throw error
        }
        return connection
    }

    /// False when nobody wants it any more: it is closed then.
    func arrived(_ connection: Connection) async -> Bool {
        let arrival = state.withLock { state -> (waiters: [UInt64], isAgain: Bool)? in
            state.isAttempting = false
            guard var arrival = state.kept.arrived(connection) else { return nil }
            up.withLock { $0 = connection }
            state.failure = nil
            arrival.waiters += state.patient.keys
            state.patient = [:]
            return arrival
        }
        guard let arrival else {
            await connection.close()
            return false
        }
        if arrival.isAgain { reconnects?.increment() }
        logger.debug(
            "connected",
            metadata: [
                LogKey.transport: .string(settings.transport), LogKey.address: .string(connection.summary),
            ])
        // Before anybody has it: who loses it finds it down.
        connection.whenEnded { [weak self, id = ObjectIdentifier(connection)] in self?.ended(id, $0) }
        for waiter in arrival.waiters { callers.settle(waiter, .success(.null)) }
        files.start { [weak self] in self?.renew() }
        if state.withLock({ $0.isStale }) { renew() }
        return true
    }

    private func failed(_ error: TransportError) {
        let outage = state.withLock { state -> KeptConnection<Connection>.Outage? in
            state.isAttempting = false
            guard let outage = state.kept.failed(schedule: again) else { return nil }
            state.failure = error
            return outage
        }
        guard let outage else { return }
        if let delay = outage.reported { report(error, delay) }
        for waiter in outage.waiters { callers.settle(waiter, .failure(error)) }
    }

    /// A cut. The connection is not referred to weakly: each call retains it, and that would be slow ever after.
    private func ended(_ id: ObjectIdentifier, _ error: TransportError) {
        guard let connection = connection, ObjectIdentifier(connection) == id else { return }
        let outage = state.withLock { state -> KeptConnection<Connection>.Outage? in
            guard let outage = state.kept.lost(connection, worked: true, schedule: again) else { return nil }
            up.withLock { $0 = nil }
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
                LogKey.transport: .string(settings.transport), LogKey.error: .string("\(error)"),
                LogKey.delay: .string("\(delay)"),
            ])
    }
}
