import Logging
import NIOCore
import Synchronization

/// The sessions it reads and answers over: one, and another one while that takes over.
extension KafkaIntake {
    /// Joins the groups and reads from now on.
    func begin(
        _ session: KafkaSession, _ connector: KafkaConnector, _ metrics: KafkaMetrics?
    ) async throws(TransportError) {
        await session.producer.begin { [weak self] ticket, reply in self?.confirm(ticket, reply) }
        let (inbox, offset) = try await connector.inbox(over: session.producer, session.trouble)
        session.add { await inbox.close() }
        session.inbox = inbox
        let failed: @Sendable (TransportError) -> Void = { [weak session] in session?.end($0) }
        try await inbox.begin(
            from: offset, failed: failed, order: { [weak self] in self?.seek($0) },
            hear: { [weak self] in self?.hear($0, $1) })
        session.whenDown { _ in }
        let previous = await loop.run { self.arrived(session) }
        do throws(TransportError) {
            if !plan.broadcasts.isEmpty { try await listen(session, connector, failed) }
            try await join(session, after: previous, connector, metrics, failed)
        } catch {
            await loop.run { self.withdraw(session, for: previous) }
            throw error
        }
    }

    private func join(
        _ session: KafkaSession, after previous: KafkaSession?, _ connector: KafkaConnector,
        _ metrics: KafkaMetrics?, _ failed: @escaping @Sendable (TransportError) -> Void
    ) async throws(TransportError) {
        let members = Mutex<[KafkaConsumer]>([])
        session.add { [weak self] in await self?.leave(members.withLock { $0 }) }
        for group in plan.groups {
            let consumer = try await KafkaConsumer(group, session, connector, metrics)
            members.withLock { $0.append(consumer) }
            await loop.run { self.consumers.append(consumer) }
        }
        guard let previous, options.consumer.instanceID != nil else {
            return try await join(members.withLock { $0 }, failed)
        }
        // A member of the same name throws the one before out, whatever that has in its hands.
        await release(previous)
        do throws(TransportError) {
            try await join(members.withLock { $0 }, failed)
        } catch {
            // It has no members any more: a session is made from nothing.
            previous.end(error)
            throw error
        }
    }

    /// Another session has taken over from this one: what is being handled may finish first.
    func retire(_ session: KafkaSession) async {
        await release(session)
        await session.close()
    }

    /// Each member goes as soon as nothing of it is being handled: requests do not wait for slow events.
    private func release(_ session: KafkaSession) async {
        let members = await loop.run { self.consumers.filter { $0.sessionNumber == session.number } }
        let (time, timers) = (options.consumer.revokeTimeout, state.timers)
        await withDiscardingTaskGroup { group in
            for member in members {
                group.addTask {
                    await member.drain(within: time, on: timers)
                    await self.leave([member])
                }
            }
        }
    }

    private func leave(_ members: [KafkaConsumer]) async {
        let time = options.consumer.revokeTimeout
        await withDiscardingTaskGroup { group in
            for member in members {
                group.addTask {
                    await member.close(within: time)
                    await self.left(member)
                }
            }
        }
    }

    /// All at once: each waits for brokers that may take their time.
    private func join(
        _ members: [KafkaConsumer], _ failed: @escaping @Sendable (TransportError) -> Void
    ) async throws(TransportError) {
        let failure = await withTaskGroup(of: TransportError?.self) { group in
            for member in members {
                group.addTask {
                    do throws(TransportError) {
                        let time = self.joinTime
                        try await member.begin(self.owner(of: member, failed), on: self.state.timers, within: time)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
    }

    /// A group may have to wait for a member that has gone without a word.
    private var joinTime: Duration { options.consumer.sessionTimeout + options.operationTimeout }

    private func owner(
        of consumer: KafkaConsumer, _ failed: @escaping @Sendable (TransportError) -> Void
    ) -> KafkaConsumer.Owner {
        KafkaConsumer.Owner(
            sink: { [weak self] in self },
            room: { [weak self] in self?.roomForRecords ?? 0 },
            afterRead: { [weak self] in self?.takeAll() },
            leaving: { [weak self] numbers in self?.withdrawWaiting { $0.belongs(to: numbers) } },
            isQuiet: { [weak self] numbers in
                self?.deliveries.open.values.contains { $0.delivery.belongs(to: numbers) } != true
            },
            gone: { [weak self] numbers in
                self?.withdraw { $0.belongs(to: numbers) }
                self?.takeAll()
            },
            failed: failed)
    }

    /// Answers leave over it from now on. The session before is the result.
    private func arrived(_ session: KafkaSession) -> KafkaSession? {
        let previous = self.session
        answer(over: session)
        return previous
    }

    private func answer(over session: KafkaSession) {
        self.session = session
        for (message, bytes) in unsent.takeAll() { publish(bytes, to: message, stream: nil) }
        probeStreams()
    }

    /// It did not come to anything: the one before goes on.
    private func withdraw(_ session: KafkaSession, for previous: KafkaSession?) {
        guard self.session === session else { return }
        if let previous, !previous.hasEnded { return answer(over: previous) }
        lost(session)
    }

    private func left(_ consumer: KafkaConsumer) async {
        await loop.run {
            let numbers = Set(consumer.assignments.values.map(\.number))
            consumer.assignments = [:]
            self.consumers.removeAll { $0 === consumer }
            self.withdraw { $0.belongs(to: numbers) }
            self.endTurn()
        }
    }

    /// The session is gone. Handlers go on: their callers may hear them over the next one.
    func lost(_ lost: KafkaSession) {
        guard session === lost else { return }
        session = nil
        cancelStreams()
    }

    /// As many as have a place soon, and as fit into the budget of bytes.
    var roomForRecords: Int { budget.hasRoom ? room : 0 }
}
