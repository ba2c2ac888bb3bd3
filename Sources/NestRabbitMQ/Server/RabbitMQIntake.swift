import CRabbitMQ
import Logging
import NIOCore

/// The deliveries of one server, from the broker's queues to their acknowledgements.
///
/// `@unchecked Sendable`: every member is touched on the event loop only.
final class RabbitMQIntake: DeliveryIntake, @unchecked Sendable {
    typealias Delivery = RabbitMQDelivery

    let state: IntakeState
    let deliveries: DeliveryState<RabbitMQDelivery>
    let options: RabbitMQOptions
    let plan: ServicePlan
    let kinds: QueueKinds
    let codec = NestCodec()
    let loop: any EventLoop

    /// Where answers leave, and what has to be confirmed.
    @exclusivity(unchecked) var publishing: PublishingLine?
    /// All that are there, until their connections are gone.
    var lines: [PublishingLine] = []
    /// Connections that another one has taken over from, until their deliveries are settled.
    var leaving: [LeavingConsumers] = []
    @exclusivity(unchecked) var consumers: [RabbitMQConsumer] = []
    private var lastConnection: UInt64 = 0
    @exclusivity(unchecked) var output = ByteBuffer()
    var unsent: UnsentReplies
    /// Streams that wait until more can be written.
    var writers: [UnsafeContinuation<Void, Never>] = []
    /// Redelivered messages of classic queues on their way back with their tries counted.
    var recounts: [UInt64: RabbitMQDelivery] = [:]
    var lastRecount: UInt64 = 0
    /// What the broker does not take of what is sent elsewhere.
    let refusals: RefusalWatch<RabbitMQConnection>

    init(
        _ dispatcher: MessageDispatcher, _ plan: ServicePlan, _ options: RabbitMQOptions,
        _ environment: TransportEnvironment, loop: any EventLoop
    ) {
        self.options = options
        self.plan = plan
        self.loop = loop
        kinds = QueueKinds(options: options.queues, policy: environment.deliveryPolicy)
        state = IntakeState(
            transport: "rabbitmq", loop: LoopTaskExecutor(loop), timers: loop, dispatcher: dispatcher,
            limits: IntakeLimits(maxInFlight: environment.maxInFlight), logger: environment.logger)
        deliveries = DeliveryState(
            DeliverySettings(
                policy: environment.deliveryPolicy, keepAlive: min(.seconds(30), options.queues.maxHandlingTime / 2),
                maxHeld: .max))
        unsent = UnsentReplies(limit: options.maxBufferedBytes)
        refusals = RefusalWatch(on: loop)
    }

    /// Everything comes as a delivery.
    func pull() -> IncomingMessage? { nil }

    func afterTurn() {
        for consumer in consumers { consumer.flush() }
        if !leaving.isEmpty { letGo() }
    }

    var isQuiet: Bool { deliveries.open.isEmpty && recounts.isEmpty }
}

// MARK: - Its connections

extension RabbitMQIntake {
    func nextConnection() -> UInt64 {
        lastConnection += 1
        return lastConnection
    }

    /// A consumer of a new connection; what comes over it is taken from now on.
    func add(_ consumer: RabbitMQConsumer) {
        consumers.append(consumer)
        let channel = consumer.channel
        channel.owner.delivered = { [weak self] in self?.take($0, from: consumer) }
        channel.owner.cancelled = { [weak channel] in
            let error = TransportError(.disconnected, "the broker ended a consumer: its queue is gone")
            channel?.connection.end(error)
        }
        // The next connection declares everything anew.
        channel.owner.ended = { [weak channel] in channel?.connection.end($0) }
    }

    func beginConsuming(_ connection: RabbitMQConnection) {
        connection.afterRead = { [weak self] in self?.takeAll() }
        beginKeepAlive()
        takeAll()
    }

    /// A connection with consumers is gone: what it has brought will be delivered again.
    func lostConsumers(_ number: UInt64) {
        consumers.removeAll { $0.connectionNumber == number }
        withdraw { $0.id.connection == number }
        recounts = recounts.filter { $0.value.id.connection != number }
        letGo()
        endTurn()
    }

    func beginPublishing(_ line: PublishingLine, _ answers: RabbitMQChannel, _ moving: RabbitMQChannel) {
        guard line.connection.isOpen else { return }
        publishing = line
        lines.append(line)
        line.connection.whenRoomy = { [weak self, weak line] in
            line?.replies.pump()
            line?.moves.pump()
            self?.resumeWriters()
        }
        line.begin(answers, moving)
        sendUnsent()
        resumeWriters()
        probeStreams()
    }

    /// One that has retired is not missed.
    func lostPublishing(_ line: PublishingLine) {
        lines.removeAll { $0 === line }
        guard publishing === line else { return }
        publishing = nil
        resumeWriters()
        cancelStreams()
    }

    private func resumeWriters() {
        guard !writers.isEmpty, publishing?.replies.isFull != true else { return }
        let all = writers
        writers = []
        for writer in all { writer.resume() }
    }
}
