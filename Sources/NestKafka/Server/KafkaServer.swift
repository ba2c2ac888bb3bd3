import NIOCore
import Synchronization

/// One instance of a service on Kafka: provides its topics, joins its groups, and looks after what comes from the first
/// message to the last.
final class KafkaServer: MicroserviceServer {
    private let options: KafkaOptions
    private let environment: TransportEnvironment
    private let intake: KafkaIntake
    private let link: KafkaLink
    private let life = BrokerServerLife("Kafka")
    private let metrics: KafkaMetrics?

    init(
        options: KafkaOptions, dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) {
        self.options = options
        self.environment = environment
        let connector = try KafkaConnector(options, environment)
        let plan = try KafkaPlan(dispatcher.routes, options, environment, replies: connector.replies)
        let intake = KafkaIntake(dispatcher, plan, options, environment, loop: connector.loop)
        self.intake = intake
        let metrics = options.statisticsInterval > .zero ? KafkaMetrics("server") : nil
        self.metrics = metrics
        link = KafkaLink(
            BrokerLinkSettings(options), environment: environment,
            owner: KafkaLink.Owner(
                prepare: { session throws(TransportError) in try await intake.begin(session, connector, metrics) },
                lost: { session, _ in intake.loop.execute { intake.lost(session) } },
                retire: { await intake.retire($0) })
        ) { () throws(TransportError) in try await connector.session(plan.specs, metrics: metrics) }
    }

    /// Callers find it on the brokers.
    var endpoint: Endpoint? { nil }

    func start() async throws(TransportError) {
        guard link.connection == nil else { return }
        let time = options.connectTimeout + options.operationTimeout * 3 + options.consumer.sessionTimeout
        try await link.connect(until: .now() + TimeAmount(time))
    }

    func run() async throws {
        try await start()
        try await life.run(on: environment.eventLoopGroup.next(), drain: drain, end: end)
    }

    func health() async -> HealthStatus {
        var details = ["queue": environment.queue, "group": environment.group]
        details["in_flight"] = String(intake.state.inFlightCount.load(ordering: .relaxed))
        guard let session = link.connection else {
            if let failure = link.failure { details["error"] = "\(failure)" }
            return .down(details)
        }
        details["server"] = session.summary
        details["partitions"] = String(
            await intake.loop.run { [intake] in intake.consumers.reduce(0) { $0 + $1.assignments.count } })
        for (topic, lag) in metrics?.lags ?? [:] { details["lag \(topic)"] = String(lag) }
        details.merge(session.trouble.details) { $1 }
        if session.trouble.failure != nil { return .down(details) }
        return session.trouble.refusal == nil ? .up(details) : .degraded(details)
    }
}

// MARK: - The end

extension KafkaServer {
    private static let gone = TransportError(.disconnected, "the service has gone")

    /// Takes no more, and waits for the running handlers as long as they may take, then for what cancelled ones say.
    private func drain() async {
        await intake.loop.run { [intake] in intake.beginDrain() }
        await intake.finishHandlers(within: environment.shutdownTimeout)
    }

    /// What was done is committed, the groups are left, and the last answers go out.
    private func end() async {
        await intake.loop.run { [intake] in intake.end(Self.gone) }
        await link.close(TransportError(.closed, "the Kafka server has ended"))
    }
}
