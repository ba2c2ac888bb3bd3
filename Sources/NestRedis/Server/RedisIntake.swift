import Logging
import NIOCore

/// The messages of one server, from Redis to their answers.
///
/// `@unchecked Sendable`: every member is touched on the loop only.
final class RedisIntake: DeliveryIntake, @unchecked Sendable {
    typealias Delivery = RedisDelivery

    let state: IntakeState
    let deliveries: DeliveryState<RedisDelivery>
    let loop: LoopTaskExecutor
    let options: RedisOptions
    let keys: RedisKeys
    /// What the names of lists begin with in which answers wait; nil when it may stand in a message in other ways too.
    let inboxes: [UInt8]?
    let plan: RedisPlan
    let trouble: RedisTrouble
    let codec = NestCodec()
    @exclusivity(unchecked) var reader = EnvelopeReader()
    /// Streams or lists.
    private(set) var sources: [any RedisSource] = []
    /// Events for everyone; nil when no handler wants any.
    private(set) var broadcasts: RedisBroadcasts?

    @exclusivity(unchecked) var session: RedisSession?
    /// While a batch is handled: the connection it came over, until that is asked for more. What leaves over it at once, and
    /// ahead of the question for the next batch, costs Redis no read of its own.
    @exclusivity(unchecked) var voice: RedisConnection?
    /// Some deliveries only keep their place.
    @exclusivity(unchecked) var hasPassing = false
    /// What came without a delivery: over channels, and broadcasts.
    @exclusivity(unchecked) var arrived = Fifo<IncomingMessage>()
    /// Answers that found no connection.
    var unsent: UnsentReplies
    /// Streams that are sent, and where their readers are heard.
    var lines: [UInt64: RedisStreamLine] = [:]
    /// The streams by the channels of their readers.
    var controls: [String: UInt64] = [:]
    /// Where instances tell each other that something was given back.
    let wakeChannel: String

    init(
        loop: LoopTaskExecutor, dispatcher: MessageDispatcher, plan: RedisPlan, options: RedisOptions,
        environment: TransportEnvironment, trouble: RedisTrouble
    ) {
        self.loop = loop
        self.plan = plan
        self.options = options
        self.trouble = trouble
        keys = RedisKeys(prefix: options.prefix)
        inboxes = keys.plainInboxes
        unsent = UnsentReplies(limit: options.maxBufferedBytes)
        wakeChannel = keys.wake(environment.group)
        state = IntakeState(
            transport: "redis", loop: loop, timers: loop.loop, dispatcher: dispatcher,
            limits: IntakeLimits(
                maxInFlight: environment.maxInFlight, maxWaiting: options.maxWaiting,
                maxWaitingBytes: options.maxWaitingBytes),
            logger: environment.logger)
        deliveries = DeliveryState(
            DeliverySettings(
                policy: environment.deliveryPolicy,
                keepAlive: options.mode == .pubSub ? nil : options.claimAfter / 3,
                maxHeld: environment.maxInFlight + options.maxWaiting))
        sources = makeSources()
        if options.mode == .streams, plan.hasBroadcasts { broadcasts = RedisBroadcasts(self) }
    }

    private func makeSources() -> [any RedisSource] {
        switch options.mode {
        case .streams:
            [
                plan.answers ? RedisStreamSource(requestsOf: plan.queue, number: 0, self) : nil,
                plan.sharesEvents ? RedisStreamSource(eventsFor: plan.group, number: 1, self) : nil,
            ].compactMap(\.self)
        case .lists:
            [
                plan.answers
                    ? RedisListSource(key: keys.requests(plan.queue), number: 0, group: nil, self) : nil,
                plan.sharesEvents
                    ? RedisListSource(key: keys.events(of: plan.group), number: 1, group: plan.group, self) : nil,
            ].compactMap(\.self)
        case .pubSub: []
        }
    }

    /// Connections that wait for entries.
    var readerCount: Int { sources.count + (broadcasts == nil ? 0 : 1) }
}

// MARK: - Its connection

extension RedisIntake {
    /// What is to be there before messages come.
    func prepare(_ session: RedisSession, isAgain: Bool) async throws(TransportError) {
        for source in sources { try await source.prepare(session, isAgain: isAgain) }
        try await broadcasts?.prepare(session)
        let time = options.connectTimeout
        guard options.mode == .pubSub else {
            return try await session.subscribe([wakeChannel, keys.wakeAll], within: time)
        }
        try await session.subscribe(
            plan.channels.map { keys.channel($0) }, patterns: plan.globs.map { keys.glob($0) }, within: time)
    }

    /// Takes messages from now on.
    func begin(_ session: RedisSession) {
        guard state.phase == .open else { return }
        self.session = session
        // Of streams that were begun over the one it takes over from.
        for control in controls.keys { session.subscriber?.send(["SUBSCRIBE", control], .reply { _ in }) }
        for (message, bytes) in unsent.takeAll() { publish(bytes, to: message) }
        for (source, reader) in zip(sources, session.readers) { source.begin(session, reader) }
        if let broadcasts, let reader = session.readers.last { broadcasts.begin(reader) }
        beginKeepAlive()
        takeAll()
    }

    /// The connections are gone. Handlers go on: their callers may be there over another server.
    func lost(_ lost: RedisSession) {
        guard session === lost else { return }
        session = nil
        for source in sources { source.lost() }
        broadcasts?.lost()
        lines = [:]
        controls = [:]
        cancelStreams()
    }

    func afterTurn() {
        for source in sources {
            source.speak()
            source.ask()
        }
        broadcasts?.ask()
        if !lines.isEmpty { closeLines() }
    }

    /// What was asked for is still to come, and may bring something.
    var isQuiet: Bool { deliveries.open.isEmpty && !sources.contains { $0.isAsking } }

    /// Those that only keep their place are done when it is their turn.
    func pullDelivery() -> IncomingMessage? {
        while let held = deliveries.lanes.takeFirst() {
            guard hasPassing, held.delivery.isPassing else { return held.message }
            settle(.done, held.message, held.delivery)
        }
        return nil
    }

    func pull() -> IncomingMessage? { arrived.isEmpty ? nil : arrived.popFirst() }

    func dropped(_ message: IncomingMessage) { trouble.dropped() }
}

// MARK: - Its end

extension RedisIntake {
    /// Nothing more is asked for.
    func beginDrain() {
        guard state.phase == .open else { return }
        state.phase = .draining
        for source in sources { source.stop() }
        broadcasts?.stop()
        handBackWaiting()
        takeAll()
    }

    /// Callers that still wait are told `error`; what has not ended goes to other instances.
    func end(_ error: TransportError) {
        close(error) {
            handBackAll()
            for source in sources {
                source.speak()
                source.leave()
            }
        }
        for source in sources { source.lost() }
        broadcasts?.lost()
        session = nil
    }
}
