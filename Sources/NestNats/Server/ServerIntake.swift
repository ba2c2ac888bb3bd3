import Logging
import NIOCore

/// The messages of one server, from the library's lists to their answers.
///
/// `@unchecked Sendable`: every member is touched on the loop only.
final class ServerIntake: DeliveryIntake, @unchecked Sendable {
    typealias Delivery = NatsDelivery

    let state: IntakeState
    let deliveries: DeliveryState<NatsDelivery>
    let loop: PollLoop
    let subjects: NatsSubjects
    let options: NatsOptions
    let trouble: NatsTrouble
    let plan: SubscriptionPlan
    let keepsDeadLetters: Bool
    let codec = NestCodec()
    @exclusivity(unchecked) var reader = EnvelopeReader()
    /// Where readers of streams talk to their writers, and dead letters are confirmed; another one for each connection.
    @exclusivity(unchecked) var inbox: NatsInbox

    @exclusivity(unchecked) var connection: NatsConnection?
    @exclusivity(unchecked) var sources: [SubscriptionPlan.Source] = []
    /// Those of them that belong to a connection another one has taken over from.
    var retiring: [SubscriptionPlan.Source] = []
    /// What was taken from them and not read yet.
    @exclusivity(unchecked) var batch = NatsBatch()
    /// The source that messages are taken from, and how many it has.
    @exclusivity(unchecked) var source = 0
    @exclusivity(unchecked) var left = 0

    @exclusivity(unchecked) var output = ByteBuffer()
    /// Answers that found no connection.
    var unsent: UnsentReplies
    /// Words to the stream that found no connection.
    var unsaid: [(subject: String, word: String)] = []

    /// Asks for kept events; nil without a stream.
    @exclusivity(unchecked) var puller: JetStreamPull?

    init(
        loop: PollLoop, dispatcher: MessageDispatcher, plan: SubscriptionPlan, options: NatsOptions,
        environment: TransportEnvironment, trouble: NatsTrouble
    ) {
        self.loop = loop
        self.plan = plan
        self.options = options
        self.trouble = trouble
        subjects = NatsSubjects(prefix: options.prefix)
        inbox = NatsInbox(prefix: options.inboxPrefix)
        keepsDeadLetters = environment.deliveryPolicy.deadLetter == .enabled
        unsent = UnsentReplies(limit: options.maxBufferedBytes)
        state = IntakeState(
            transport: "nats", loop: loop, timers: environment.eventLoopGroup.next(), dispatcher: dispatcher,
            limits: IntakeLimits(
                maxInFlight: environment.maxInFlight, maxWaiting: options.maxWaiting,
                maxWaitingBytes: options.maxWaitingBytes),
            logger: environment.logger)
        deliveries = DeliveryState(
            DeliverySettings(
                policy: environment.deliveryPolicy, keepAlive: options.jetStream?.keepAlive,
                maxHeld: environment.maxInFlight + 1_024))
        if let jetStream = options.jetStream {
            puller = JetStreamPull(jetStream, group: JetStreamOptions.consumerName(environment.group), self)
        }
    }
}

extension JetStreamOptions {
    /// Often enough that neither an acknowledgement nor a heartbeat is missed.
    fileprivate var keepAlive: Duration { min(ackWait / 3, idleHeartbeat) }
}

// MARK: - Its connection

extension ServerIntake {
    /// Takes messages from now on.
    func begin(_ connection: NatsConnection, _ sources: [SubscriptionPlan.Source], _ inbox: NatsInbox) {
        guard state.phase == .open else { return }
        self.inbox = inbox
        // One that was up until now has still brought something, and will until it is retired.
        retiring = self.connection == nil ? [] : self.sources
        self.connection?.socket.isPaused = false
        self.connection = connection
        self.sources = sources + retiring
        connection.socket.afterRead = { [unowned self] in takeRead() }
        sendUnsent()
        if plan.keptGroup != nil {
            sendUnsaid()
            puller?.begin()
            beginKeepAlive()
        }
        takeRead()
    }

    /// The connection is gone. Handlers go on: their callers may be there over another server.
    func lost(_ lost: NatsConnection) {
        guard connection === lost else { return }
        connection = nil
        sources = retiring
        puller?.lost()
        cancelStreams()
    }

    /// Another connection has taken over: what this one was sent before is served, then it closes. Readers of streams are
    /// told first where they are heard from now on.
    func retire(_ connection: NatsConnection, within limit: Duration) async {
        let (subscriptions, current) = await loop.run {
            self.probeStreams()
            return (self.retiring.map(\.subscription), self.connection)
        }
        try? await current?.flush(within: limit)
        await connection.retire(subscriptions, within: limit)
        await loop.run {
            self.takeRead()
            self.sources.removeAll { source in subscriptions.contains { $0 === source.subscription } }
            self.retiring = []
        }
    }

    /// What was just read is served.
    func takeRead() {
        source = 0
        left = 0
        takeAll()
    }

    func afterTurn() {
        watchRoom()
        if plan.keptGroup != nil { puller?.ask() }
    }

    /// While too much waits to be written nothing more is read.
    private func watchRoom() {
        guard let connection else { return }
        let isFull = !connection.hasRoom && state.phase == .open
        defer { connection.socket.isPaused = isFull }
        guard isFull, !connection.socket.isPaused else { return }
        connection.whenRoomy { [weak self] in self?.endTurn() }
    }
}

// MARK: - Its end

extension ServerIntake {
    /// Nothing more is asked for. Returns what is to be told to the server.
    func beginDrain() -> [SubscriptionPlan.Source] {
        guard state.phase == .open else { return [] }
        state.phase = .draining
        handBackWaiting()
        connection?.socket.isPaused = false
        return sources
    }

    /// Callers that still wait are told `error`; the stream gets everything back. Returns what is still going on beside
    /// the loop.
    func end(_ error: TransportError) -> Task<Void, Never>? {
        close(error) { handBackAll() }
        connection?.socket.afterRead = nil
        connection = nil
        sources = []
        return puller?.recovery
    }
}
