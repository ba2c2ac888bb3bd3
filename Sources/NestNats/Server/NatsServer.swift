import NIOCore
import Synchronization

/// One instance of a service on NATS: subscribes, and looks after what comes from the first message to the last.
final class NatsServer: MicroserviceServer {
    private let options: NatsOptions
    private let environment: TransportEnvironment
    private let intake: ServerIntake
    private let notices: NatsNotices
    private let trouble: NatsTrouble
    private let link: NatsLink
    private let life = BrokerServerLife("NATS")

    init(
        options: NatsOptions, dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) {
        self.options = options
        self.environment = environment
        let trouble = NatsTrouble()
        let plan = try SubscriptionPlan(dispatcher.routes, options, environment)
        let intake = ServerIntake(
            loop: try NatsLoop.shared(), dispatcher: dispatcher, plan: plan, options: options, environment: environment,
            trouble: trouble)
        self.trouble = trouble
        self.intake = intake
        notices = NatsNotices { [logger = environment.logger] in trouble.note($0, $1, logger) }
        let patience = options.connectTimeout
        link = NatsLink(
            connector: try NatsConnector(options: options), loop: intake.loop, notices: notices,
            environment: environment,
            owner: NatsLink.Owner(
                prepare: { connection throws(TransportError) in
                    let sources = try await intake.subscribe(connection)
                    let inbox = NatsInbox(prefix: options.inboxPrefix)
                    connection.inbox = try connection.subscribe(inbox.wildcard) { intake.hear($0, in: inbox) }
                    // Ready means that callers find it: the server has every subscription.
                    try await connection.flush(within: patience)
                    await connection.loop.run { intake.begin(connection, sources, inbox) }
                },
                lost: { connection, _ in intake.lost(connection) },
                retire: { await intake.retire($0, within: patience) }))
    }

    /// Callers find it on the broker.
    var endpoint: Endpoint? { nil }

    func start() async throws(TransportError) {
        guard link.connection == nil else { return }
        let time = TimeAmount(options.connectTimeout) * (options.servers.count + 1)
        try await link.connect(until: .now() + time + .seconds(1))
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
        guard let connection = link.connection else {
            if let failure = link.failure { details["error"] = "\(failure)" }
            return .down(details)
        }
        details["server"] = connection.address.description
        return trouble.isRecent ? .degraded(details) : .up(details)
    }
}

// MARK: - The end

extension NatsServer {
    private static let gone = TransportError(.disconnected, "the service has gone")

    /// Takes no more, and waits for the running handlers as long as they may take, then for what cancelled ones say.
    private func drain() async {
        let time = Int64(environment.shutdownTimeout / .milliseconds(1))
        let sources = await intake.loop.run { [intake] in intake.beginDrain() }
        try? await DedicatedThread.blocking {
            for source in sources { source.subscription.beginDrain(within: max(1, time)) }
            for source in sources { source.subscription.waitForDrain(within: max(1, time)) }
        }
        await intake.loop.run { [intake] in intake.takeRead() }
        await intake.finishHandlers(within: environment.shutdownTimeout)
    }

    /// Callers that are still waiting are told; then the connection closes.
    private func end() async {
        let recovery = await intake.loop.run { [intake] in intake.end(Self.gone) }
        await link.close(TransportError(.closed, "the NATS server has ended"))
        await recovery?.value
    }
}
