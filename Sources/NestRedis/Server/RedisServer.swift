import NIOCore
import Synchronization

/// One instance of a service on Redis: looks after what comes from the first message to the last.
final class RedisServer: MicroserviceServer {
    private let options: RedisOptions
    private let environment: TransportEnvironment
    private let connector: RedisConnector
    private let intake: RedisIntake
    private let trouble: RedisTrouble
    private let link: BrokerLink<RedisSession>
    private let life = BrokerServerLife("Redis")

    init(
        options: RedisOptions, dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) {
        self.options = options
        self.environment = environment
        let loop = environment.eventLoopGroup.next()
        let trouble = RedisTrouble(environment.logger)
        self.trouble = trouble
        let plan = try RedisPlan(dispatcher.routes, options, environment)
        let intake = RedisIntake(
            loop: LoopTaskExecutor(loop), dispatcher: dispatcher, plan: plan, options: options,
            environment: environment, trouble: trouble)
        self.intake = intake
        let connector = try RedisConnector(options, loop: loop)
        self.connector = connector
        let connections = Self.connections(for: intake, trouble)
        let logger = environment.logger
        let before = RedisFirst()
        let succession = RedisSuccession(intake.keys)
        link = BrokerLink(
            BrokerLinkSettings(redis: options), environment: environment,
            owner: BrokerLink.Owner(
                prepare: { session throws(TransportError) in
                    if !before.isOver { try await RedisFacts.warn(about: session, options, logger) }
                    try await succession.prepare(session, within: options.connectTimeout) { () throws(TransportError) in
                        try await intake.prepare(session, isAgain: before.isOver)
                        // Ready means that callers find it: Redis has every subscription and group.
                        before.end()
                        await intake.loop.run { intake.begin(session) }
                    }
                },
                lost: { session, _ in intake.loop.execute { intake.lost(session) } },
                retire: { await $0.retire(within: options.retirement) }),
            connect: { () throws(TransportError) in try await connector.session(connections) })
    }

    private static func connections(for intake: RedisIntake, _ trouble: RedisTrouble) -> RedisSession.Plan {
        var plan = RedisSession.Plan()
        plan.commands.refused = { trouble.note($0) }
        plan.messages = { [weak intake] message in intake?.heard(message) }
        if intake.plan.mode == .pubSub { plan.messagesEnd = { [weak intake] in intake?.takeAll() } }
        plan.readers = intake.readerCount
        return plan
    }

    /// Callers find it on the broker.
    var endpoint: Endpoint? { nil }

    func start() async throws(TransportError) {
        guard link.connection == nil else { return }
        try await link.connect(until: .now() + TimeAmount(connector.patience + options.connectTimeout) + .seconds(1))
    }

    func run() async throws {
        try await start()
        try await life.run(on: environment.eventLoopGroup.next(), drain: drain, end: end)
    }

    func health() async -> HealthStatus {
        var details = ["queue": environment.queue, "group": environment.group]
        details.merge(trouble.details) { $1 }
        details["in_flight"] = String(intake.state.inFlightCount.load(ordering: .relaxed))
        details["waiting"] = String(intake.state.waitingCount.load(ordering: .relaxed))
        guard let session = link.connection else {
            if let failure = link.failure { details["error"] = "\(failure)" }
            return .down(details)
        }
        details["server"] = session.summary
        return trouble.isRecent ? .degraded(details) : .up(details)
    }
}

// MARK: - The end

extension RedisServer {
    private static let gone = TransportError(.disconnected, "the service has gone")

    /// Takes no more, and waits for the running handlers as long as they may take, then for what cancelled ones say.
    private func drain() async {
        await intake.loop.run { [intake] in intake.beginDrain() }
        await intake.finishHandlers(within: environment.shutdownTimeout)
    }

    /// Callers that are still waiting are told; then the connections close.
    private func end() async {
        await intake.loop.run { [intake] in intake.end(Self.gone) }
        await link.close(TransportError(.closed, "the Redis server has ended"))
    }
}

/// Whether a server has been there before.
private final class RedisFirst: Sendable {
    private let done = Atomic(false)
    var isOver: Bool { done.load(ordering: .relaxed) }
    func end() { done.store(true, ordering: .relaxed) }
}
