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
    @exclusivity(unchecked) var reader = EnvelopeReader()
    /// Whether the group takes events that begin as ``EnvelopeReader/headNumber`` says.
    @exclusivity(unchecked) var lastWanted: (head: UInt64, isWanted: Bool)?
    /// Where answers leave.
    @exclusivity(unchecked) var session: KafkaSession?
    /// The groups of all sessions that are there.
    var consumers: [KafkaConsumer] = []
    @exclusivity(unchecked) var output = ByteBuffer()
    var unsent: UnsentReplies
    let headers = KafkaHeaderReader()
    /// Nobody has it any more: the next record gets it, from a partition of the same role.
    @exclusivity(unchecked) var spare: KafkaDelivery?
    /// How many records were taken.
    @exclusivity(unchecked) private var taken: UInt64 = 0

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

    /// The id of the next record.
    func nextID() -> UInt64 {
        taken += 1
        return taken
    }

    /// Everything comes as a delivery.
    func pull() -> IncomingMessage? { nil }

    func afterTurn() {
        guard !consumers.isEmpty else { return }
        // There may be room again, a partition may have fallen quiet, or something is to be committed.
        loop.wake()
    }
}

// MARK: - Broadcast

extension KafkaIntake {
    /// Reads what every instance gets, from now on.
    func listen(
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
        let reader = try await connector.reader(session.trouble)
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
