/// Messages over Kafka: requests and events are records of topics, each service a consumer group.
///
/// A client's `emit` returns when the brokers have the event (`acks=all`, idempotent). The record's key is the key given to
/// `emit`: records of a key are in one partition, and are handled one after another, in order. An offset is committed when
/// everything before it is done with: handled, waiting in a topic for its next try, or stored as a dead letter. After a
/// crash, what was handled since the last commit is handled again.
///
/// Requests are records as well; answers come in a topic that all clients share, each in a partition it reads. Kafka keeps
/// what nobody has read yet: a request finds its service also when that comes later, as long as its caller waits.
///
/// A record that fails waits in a topic for its next try; one with a key waits in the service, so that those behind it do
/// not overtake it, see ``KafkaConsumerOptions/keyedRetries``.
public struct KafkaTransport: Transport {
    /// How it is set.
    public let options: KafkaOptions

    /// A transport with its options. They are checked when a server or client is made.
    public init(_ options: KafkaOptions) { self.options = options }

    /// `"kafka"`
    public var name: String { "kafka" }

    /// Durable, with retries and dead letters, in order per key unless retries of keyed records go elsewhere; streaming
    /// replies. A request for a pattern that its service does not know fails at once.
    public var guarantees: Guarantees {
        let all: Guarantees = [
            .durable, .events, .groups, .broadcast, .competingConsumers, .retries, .deadLetters, .streaming,
            .unknownPatterns,
        ]
        return options.consumer.keyedRetries == .inOrder ? all.union(.orderedPerKey) : all
    }

    /// A server; it connects, provides its topics and joins its groups when started. Throws `invalid_configuration` for
    /// options that cannot work.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        try options.validate()
        return try KafkaServer(options: options, dispatcher: dispatcher, environment: environment)
    }

    /// A client; it connects on first use. Throws `invalid_configuration` for options that cannot work.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try options.validate()
        return try KafkaClient(options: options, environment: environment)
    }
}

extension Transport where Self == KafkaTransport {
    /// Kafka at its brokers: `.kafka(brokers: ["127.0.0.1:9092"])`.
    public static func kafka(
        brokers: [String], connection: KafkaConnectionOptions = KafkaConnectionOptions()
    ) -> KafkaTransport {
        var options = KafkaOptions(brokers: brokers)
        options.connection = connection
        return KafkaTransport(options)
    }

    /// Kafka with all its options.
    public static func kafka(_ options: KafkaOptions = KafkaOptions()) -> KafkaTransport { KafkaTransport(options) }
}

extension ClientConfig {
    /// A client over Kafka, injected by its name. `service` is the queue name of the service it calls.
    public static func kafka(
        _ name: String, brokers: [String], service: String = "default",
        connection: KafkaConnectionOptions = KafkaConnectionOptions()
    ) -> ClientConfig {
        var options = KafkaOptions(brokers: brokers)
        options.connection = connection
        options.service = service
        return ClientConfig(name, transport: KafkaTransport(options))
    }

    /// A client over Kafka with all its options.
    public static func kafka(_ name: String, _ options: KafkaOptions) -> ClientConfig {
        ClientConfig(name, transport: KafkaTransport(options))
    }
}
