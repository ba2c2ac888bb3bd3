import NIOCore
import Synchronization

/// One instance of a service on RabbitMQ: declares its queues, consumes from them, and looks after what comes from the
/// first message to the last.
///
/// It has two connections: one that consumes, and one that publishes, because a broker that is short of memory stops
/// reading from those that publish.
final class RabbitMQServer: MicroserviceServer {
    private let options: RabbitMQOptions
    private let environment: TransportEnvironment
    private let plan: ServicePlan
    private let intake: RabbitMQIntake
    private let consuming: RabbitMQLink
    private let publishing: RabbitMQLink
    private let life = BrokerServerLife("RabbitMQ")

    init(
        options: RabbitMQOptions, dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) {
        self.options = options
        self.environment = environment
        let loop = environment.eventLoopGroup.next()
        let plan = try ServicePlan(dispatcher.routes, options, environment)
        self.plan = plan
        let intake = RabbitMQIntake(dispatcher, plan, options, environment, loop: loop)
        self.intake = intake
        let connector = try RabbitMQConnector(options: options, loop: loop)
        publishing = RabbitMQLink(
            BrokerLinkSettings(options), environment: environment,
            owner: RabbitMQLink.Owner(
                prepare: { connection throws(TransportError) in try await intake.publish(over: connection) },
                lost: { _, _ in },
                retire: { await intake.retire(publishing: $0, within: options.streamPatience) })
        ) { () throws(TransportError) in try await connector.connect(as: "\(environment.queue) publishing") }
        consuming = RabbitMQLink(
            BrokerLinkSettings(options), environment: environment,
            owner: RabbitMQLink.Owner(
                prepare: { connection throws(TransportError) in try await intake.consume(over: connection) },
                lost: { _, _ in }, retire: { await intake.retire(consuming: $0) })
        ) { () throws(TransportError) in try await connector.connect(as: "\(environment.queue) consuming") }
        intake.refusals.replace = { [weak publishing] in publishing?.replace($0) }
    }

    /// Callers find it on the broker.
    var endpoint: Endpoint? { nil }

    func start() async throws(TransportError) {
        let time = TimeAmount(options.connectTimeout) * max(1, options.servers.count)
        let deadline = NIODeadline.now() + time + TimeAmount(options.operationTimeout)
        // What the first message comes to must find its way.
        if publishing.connection == nil { try await publishing.connect(until: deadline) }
        if consuming.connection == nil { try await consume(until: deadline) }
    }

    /// Instances that start at the same time declare the same queues, and a quorum queue that another one is just making
    /// may not be there yet. The broker is: it is asked again.
    private func consume(until deadline: NIODeadline) async throws(TransportError) {
        for attempt in 1... {
            do throws(TransportError) {
                return try await consuming.connect(until: deadline)
            } catch {
                guard attempt < 5, error.code == .disconnected, publishing.connection != nil else { throw error }
            }
        }
    }

    func run() async throws {
        try await start()
        try await life.run(on: environment.eventLoopGroup.next(), drain: drain, end: end)
    }
}

// MARK: - Health

extension RabbitMQServer {
    func health() async -> HealthStatus {
        var details = ["queue": environment.queue, "group": environment.group]
        details["in_flight"] = String(intake.state.inFlightCount.load(ordering: .relaxed))
        details["unconfirmed"] = String(await intake.onLoop { [intake] in intake.unconfirmedCount })
        guard let consumer = consuming.connection, let publisher = publishing.connection else {
            if let failure = consuming.failure ?? publishing.failure { details["error"] = "\(failure)" }
            return .down(details)
        }
        details["server"] = consumer.summary
        guard let reason = publisher.blockedReason.withLock({ $0 }) else { return .up(details) }
        details["blocked"] = reason
        return .degraded(details)
    }
}

// MARK: - The end

extension RabbitMQServer {
    private static let gone = TransportError(.disconnected, "the service has gone")

    /// Takes no more, and waits for the running handlers as long as they may take, then for what cancelled ones say.
    private func drain() async {
        await intake.onLoop { [intake] in intake.beginDrain() }
        await intake.finishHandlers(within: environment.shutdownTimeout)
    }

    /// What is left goes back to the broker; then the connections close, the one with the answers last.
    private func end() async {
        await intake.onLoop { [intake] in intake.end(Self.gone) }
        let closed = TransportError(.closed, "the RabbitMQ server has ended")
        await consuming.close(closed)
        await publishing.close(closed)
    }
}
