/// Whether Kafka can be reached: `try KafkaBrokerHealth("kafka", options)`.
///
/// Keeps one connection, which notices by itself when the brokers are gone or do not let us in. With a service it tells how
/// many records its group has not handled yet, and how many dead letters there are at the most. For brokers that are called
/// anyway, give it the client: its connection is read then.
public struct KafkaBrokerHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let source: BrokerHealthSource<KafkaProbe>

    /// An indicator that reads a client's connection.
    public init(_ name: String, _ client: ClientProxy) {
        self.name = name
        source = .client(ClientHealth(name, client))
    }

    /// An indicator with a connection of its own. It joins no group. Throws `invalid_configuration` for options that cannot
    /// work.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - options: Where Kafka is.
    ///   - service: The service whose topics are looked at: its `queue` and its `group`.
    ///   - maxLag: With more records that are not handled than this the verdict is `degraded`; nil: any number will do.
    public init(
        _ name: String, _ options: KafkaOptions, service: String? = nil, maxLag: Int64? = nil
    ) throws(TransportError) {
        try options.validate()
        self.name = name
        source = .probe(try KafkaProbe(options, service: service, maxLag: maxLag))
    }

    /// Asks over the live connection, after an attempt to connect when there is none.
    public func check() async throws -> HealthStatus { try await source.check() }
}

/// Whether brokers can be reached and let us in, before anything is built on them. Returns when they have answered; throws
/// what stands in the way, such as a wrong password, as soon as it is known.
///
/// - Parameters:
///   - brokers: Brokers to begin with, `host:port`.
///   - connection: How they are reached.
///   - timeout: How long it may take.
public func kafkaClusterReachable(
    brokers: [String], connection: KafkaConnectionOptions = KafkaConnectionOptions(), timeout: Duration = .seconds(5)
) async throws(TransportError) {
    var options = KafkaOptions(brokers: brokers)
    options.connection = connection
    options.connectTimeout = timeout
    options.statisticsInterval = .zero
    try options.validate()
    let (producer, _) = try await KafkaConnector(options, .quiet).producer(nil)
    await producer.close(flushingWithin: .zero)
}
