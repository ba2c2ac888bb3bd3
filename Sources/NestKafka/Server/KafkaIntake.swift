import Logging
import NIOCore
import Synchronization

/// The messages of one server, from the records of its partitions to their answers and offsets.
///
/// `@unchecked Sendable`: every member is touched on the loop only, or constant.
final class KafkaIntake: DeliveryIntake, @unchecked Sendable {
    typealias Delivery = KafkaDelivery

    let state: IntakeState
    let deliveries: DeliveryState<KafkaDelivery>
    let options: KafkaOptions
    let plan: KafkaPlan
    let loop: PollLoop
    let budget: KafkaBudget
    let codec = NestCodec()
    /// Where answers leave.
    @exclusivity(unchecked) var session: KafkaSession?
    /// The groups of all sessions that are there.
    var consumers: [KafkaConsumer] = []
    @exclusivity(unchecked) var output = ByteBuffer()
    var unsent: UnsentReplies
    /// Broadcast records are numbered: they belong to no group.
    var lastBroadcast: Int64 = 0

    init(
        _ dispatcher: MessageDispatcher, _ plan: KafkaPlan, _ options: KafkaOptions,
        _ environment: TransportEnvironment, loop: PollLoop
    ) {
        self.options = options
        self.plan = plan
        self.loop = loop
        budget = KafkaBudget(options.consumer.maxBufferedBytes)
        unsent = UnsentReplies(limit: options.maxBufferedBytes)
        state = IntakeState(
            transport: "kafka", loop: loop, timers: environment.eventLoopGroup.next(), dispatcher: dispatcher,
            limits: IntakeLimits(maxInFlight: environment.maxInFlight), logger: environment.logger)
        var settings = DeliverySettings(
            policy: environment.deliveryPolicy, keepAlive: nil, maxHeld: environment.maxInFlight + 1_024)
        settings.restsKeyed = options.consumer.keyedRetries == .inOrder
        settings.confirmationTimeout = TimeAmount(options.deliveryTimeout) + .seconds(1)
        deliveries = DeliveryState(settings)
    }

    /// Everything comes as a delivery.
    func pull() -> IncomingMessage? { nil }

    func afterTurn() {
        guard !consumers.isEmpty else { return }
        // There may be room again, a partition may have fallen quiet, or something is to be committed.
        loop.wake()
    }
}

// MARK: - Its sessions

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
        try await inbox.begin(from: offset, failed: failed) { [weak self] in self?.hear($0, $1) }
        session.whenDown { _ in }
        await loop.run { self.arrived(session) }
        if !plan.broadcasts.isEmpty { try await listen(session, connector, failed) }
        let members = Mutex<[KafkaConsumer]>([])
        session.add { [weak self] in await self?.leave(members.withLock { $0 }) }
        for group in plan.groups {
            let consumer = try await KafkaConsumer(group, connector, session.trouble, metrics)
            members.withLock { $0.append(consumer) }
            await loop.run { self.consumers.append(consumer) }
        }
        try await join(members.withLock { $0 }, failed)
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
            take: { [weak self] in self?.take($0, from: $1) },
            room: { [weak self] in self?.roomForRecords ?? 0 },
            afterRead: { [weak self] in self?.takeAll() },
            leaving: { [weak self] numbers in self?.withdrawWaiting { numbers.contains($0.assignment) } },
            isQuiet: { [weak self] numbers in
                self?.deliveries.open.keys.contains { numbers.contains($0.assignment) } != true
            },
            gone: { [weak self] numbers in
                self?.withdraw { numbers.contains($0.assignment) }
                self?.takeAll()
            },
            failed: failed)
    }

    private func arrived(_ session: KafkaSession) {
        self.session = session
        for (message, bytes) in unsent.takeAll() { publish(bytes, to: message, stream: nil) }
        probeStreams()
    }

    private func left(_ consumer: KafkaConsumer) async {
        await loop.run {
            let numbers = Set(consumer.assignments.values.map(\.number))
            consumer.assignments = [:]
            self.consumers.removeAll { $0 === consumer }
            self.withdraw { numbers.contains($0.assignment) }
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
    private var roomForRecords: Int { budget.hasRoom ? room : 0 }
}

// MARK: - Broadcast

extension KafkaIntake {
    /// Reads what every instance gets, from now on.
    private func listen(
        _ session: KafkaSession, _ connector: KafkaConnector, _ failed: @escaping @Sendable (TransportError) -> Void
    ) async throws(TransportError) {
        let topics = KafkaTopics(
            handle: session.producer.handle, options: options.topics, timeout: options.operationTimeout)
        let names = plan.broadcasts
        let partitions = try await DedicatedThread.blocking {
            () throws(TransportError) -> [(name: KafkaPartitions.Name, offset: Int64)] in
            let known = try topics.partitions()
            var partitions: [(name: KafkaPartitions.Name, offset: Int64)] = []
            for topic in names {
                for partition in 0..<Int32(clamping: known[topic] ?? 0) {
                    let name = KafkaPartitions.Name(topic: topic, partition: partition)
                    partitions.append((name, try topics.offsets(of: name).high))
                }
            }
            return partitions
        }
        let reader = try KafkaReader(
            try await connector.properties(for: .consumers), loop: loop, connector.callbacks(session.trouble, nil))
        session.add { await reader.close() }
        try await reader.begin(
            partitions, room: { [weak self] in self?.roomForRecords ?? 0 }, failed: failed,
            afterRead: { [weak self] in self?.takeAll() }
        ) { [weak self] in self?.takeForEveryone($0) }
    }
}

// MARK: - The end

extension KafkaIntake {
    /// Nothing more is taken; what has not begun stays with the brokers.
    func beginDrain() {
        guard state.phase == .open else { return }
        state.phase = .draining
        handBackWaiting()
        endTurn()
    }

    /// Callers that still wait are told.
    func end(_ error: TransportError) { close(error) { handBackAll() } }
}
