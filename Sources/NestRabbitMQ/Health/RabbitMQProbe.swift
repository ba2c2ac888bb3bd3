import NIOCore
import Synchronization

/// A connection that is only asked how things are.
final class RabbitMQProbe: BrokerProbe {
    /// A queue that is looked at.
    struct Watched: Sendable {
        /// What its number of messages is called.
        let fact: String
        let queue: String
        let limit: Int?
    }

    private let options: RabbitMQOptions
    private let watched: [Watched]
    private let link: RabbitMQLink

    init(_ options: RabbitMQOptions, _ watched: [Watched]) throws(TransportError) {
        self.options = options
        self.watched = watched
        let environment = TransportEnvironment.quiet
        let connector = try RabbitMQConnector(options: options, loop: environment.eventLoopGroup.next())
        link = RabbitMQLink(
            BrokerLinkSettings(options), environment: environment,
            owner: RabbitMQLink.Owner(prepare: { _ in }, lost: { _ in })
        ) { () throws(TransportError) in try await connector.connect(as: "health") }
    }

    deinit { link.abandon(TransportError(.closed, "the indicator is gone")) }

    func check() async -> HealthStatus {
        var details: [String: String] = [:]
        do throws(TransportError) {
            let connection = try await connection()
            details["server"] = connection.summary
            details["version"] = connection.brokerVersion.withLock { $0 }
            if let reason = connection.blockedReason.withLock({ $0 }) {
                // It reads no questions either.
                details["blocked"] = reason
                return .degraded(details)
            }
            return try await look(connection, details)
        } catch {
            details["error"] = "\(error)"
            return .down(details)
        }
    }

    private func connection() async throws(TransportError) -> RabbitMQConnection {
        if link.connection == nil { try await link.connect(until: .now() + TimeAmount(options.connectTimeout)) }
        guard let connection = link.connection else {
            throw TransportError(.disconnected, "RabbitMQ cannot be reached")
        }
        return connection
    }

    private func look(
        _ connection: RabbitMQConnection, _ facts: [String: String]
    ) async throws(TransportError) -> HealthStatus {
        var (details, isDegraded) = (facts, false)
        let begin = ContinuousClock.now
        let channel = try await connection.openChannel()
        details["round_trip_us"] = String(Int((ContinuousClock.now - begin) / .microseconds(1)))
        try await channel.call(.closeChannel)
        for queue in watched {
            guard let state = try await connection.state(of: queue.queue) else { continue }
            details[queue.fact] = String(state.messages)
            if queue.fact != "dead_letters" { details["\(queue.fact)_consumers"] = String(state.consumers) }
            if let limit = queue.limit, state.messages > limit { isDegraded = true }
        }
        await knock(connection)
        return isDegraded ? .degraded(details) : .up(details)
    }

    /// A broker tells only those that publish that it takes no messages: this one goes to no queue at all.
    private func knock(_ connection: RabbitMQConnection) async {
        guard let channel = try? await connection.openChannel() else { return }
        connection.loop.execute {
            let nowhere = "nest-knock-\(UniqueName.new())"
            channel.publish(Parcel(replyTo: nowhere, .init(), ByteBuffer(), deadline: .distantFuture))
            channel.ask(.closeChannel) { _ in }
        }
    }
}
