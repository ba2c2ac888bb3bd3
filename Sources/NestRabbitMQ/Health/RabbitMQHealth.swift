/// Whether RabbitMQ can be reached: `try RabbitMQBrokerHealth("rabbitmq", options)`.
///
/// Keeps one connection, which notices by itself when the broker is gone or takes no messages. With a service it tells
/// how many messages wait in its queues, how many consumers there are, and how many dead letters. For a broker that is
/// called anyway, give it the client: its connection is read then.
public struct RabbitMQBrokerHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let source: BrokerHealthSource<RabbitMQProbe>

    /// An indicator that reads a client's connection.
    public init(_ name: String, _ client: ClientProxy) {
        self.name = name
        source = .client(ClientHealth(name, client))
    }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - options: Where RabbitMQ is.
    ///   - service: The service whose queues are looked at: its `queue` and its `group`.
    ///   - maxDepth: With more waiting messages in a queue than this the verdict is `degraded`; nil: any number will do.
    ///   - maxDeadLetters: The same for its dead letters.
    public init(
        _ name: String, _ options: RabbitMQOptions, service: String? = nil, maxDepth: Int? = nil,
        maxDeadLetters: Int? = nil
    ) throws(TransportError) {
        try options.validate()
        self.name = name
        let names = RabbitMQNames(options)
        let watched = service.map { service in
            [
                ("requests", names.requests(service), maxDepth), ("events", names.events(of: service), maxDepth),
                ("dead_letters", names.deadLetters(of: service), maxDeadLetters),
            ].map { RabbitMQProbe.Watched(fact: $0, queue: $1, limit: $2) }
        }
        source = .probe(try RabbitMQProbe(options, watched ?? []))
    }

    /// Asks over the live connection, after an attempt to connect when there is none.
    public func check() async throws -> HealthStatus { try await source.check() }
}
