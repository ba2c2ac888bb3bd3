/// Where the Kafka brokers are, how they are reached, and what is read and written there.
public struct KafkaOptions: Sendable {
    /// How records are compressed.
    public enum Compression: String, Sendable {
        case none, gzip, snappy, lz4, zstd
    }

    /// Brokers to begin with, `host:port`; the others are found from there.
    public var brokers: [String]
    /// How they are reached.
    public var connection = KafkaConnectionOptions()
    /// What the names of topics and groups begin with: `nest.events`, `nest.orders`.
    public var prefix = "nest"
    /// The service that a client calls: the `queue` of its `MicroserviceOptions`, or its name. A service knows its own.
    public var service = "default"
    /// Which topics there are.
    public var topics = KafkaTopicOptions()
    /// How a service reads them.
    public var consumer = KafkaConsumerOptions()

    // MARK: Both sides

    /// How long connecting may take, until the brokers are known and the topics are there.
    public var connectTimeout: Duration = .seconds(10)
    /// How long the brokers may take to answer what they are asked, such as creating a topic.
    public var operationTimeout: Duration = .seconds(15)
    /// The first wait before connecting again after a failure; doubles, and is spread at random.
    public var reconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var maxReconnectDelay: Duration = .seconds(5)
    /// How often files that hold secrets and certificates are looked at. When one was exchanged, a new connection with what
    /// stands in it now takes over; a service joins its groups anew with it. What it is handling at that moment may end first,
    /// as long as ``KafkaConsumerOptions/revokeTimeout`` allows.
    public var fileCheckInterval: Duration = .seconds(1)
    /// How often the library's figures become metrics; zero: never.
    public var statisticsInterval: Duration = .seconds(15)
    /// How long records wait to leave together. Longer is cheaper for the brokers, shorter is faster for one caller.
    public var linger: Duration = .zero
    /// Has the brokers recognise a record that the library sends again, so that it is there once. Without, it may be there
    /// twice, and one request at a time is under way, so that the order is kept: for brokers that do not know how.
    public var isIdempotent = true
    /// How records are compressed.
    public var compression = Compression.none
    /// How long a record is tried to be delivered, also beyond the deadline of the call that gave up on it.
    public var deliveryTimeout: Duration = .seconds(30)
    /// Bytes of records that wait to be taken by the brokers. Beyond them `emit` waits, and requests fail with `overloaded`.
    public var maxBufferedBytes = 16 << 20
    /// Bytes of a record that is sent or taken. The brokers have a limit of their own, 1 MB by default.
    public var maxMessageBytes = 1_000_000

    // MARK: Client

    /// Calls waiting for a reply or a confirmation; further ones fail with `overloaded`.
    public var maxPending = 65_536
    /// Items of a streaming reply the service may send ahead of the reader.
    public var streamWindow = 64

    /// Options with the defaults above.
    public init(brokers: [String] = ["127.0.0.1:9092"]) { self.brokers = brokers }
}

extension KafkaOptions {
    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "Kafka options: \(what)") }
        }
        try check(!brokers.isEmpty, "brokers is empty")
        for broker in brokers {
            let port = broker.split(separator: ":").last.flatMap { UInt16($0) }
            try check(
                broker.contains(":") && port != nil && !broker.contains("/") && !broker.hasPrefix(":"),
                "`\(broker)` is no broker: write host:port")
        }
        if let problem = KafkaNames.problem(ofTopic: prefix) { try check(false, "prefix `\(prefix)` \(problem)") }
        if let problem = KafkaNames.problem(ofTopic: service) { try check(false, "service `\(service)` \(problem)") }
        try check(connectTimeout >= .milliseconds(1), "connectTimeout must be a millisecond or more")
        try check(operationTimeout >= .milliseconds(1), "operationTimeout must be a millisecond or more")
        try check(reconnectDelay > .zero, "reconnectDelay must be positive")
        try check(maxReconnectDelay >= reconnectDelay, "maxReconnectDelay must not be less than reconnectDelay")
        try check(fileCheckInterval >= .milliseconds(1), "fileCheckInterval must be a millisecond or more")
        try check(statisticsInterval >= .zero, "statisticsInterval must not be negative")
        try check(linger >= .zero && linger <= .seconds(60), "linger must be between zero and a minute")
        try check(deliveryTimeout > linger, "deliveryTimeout must be longer than linger")
        try check(maxBufferedBytes >= 1_024, "maxBufferedBytes must be 1024 or more")
        try check((1_000...1_000_000_000).contains(maxMessageBytes), "maxMessageBytes must be 1000 to 1000000000")
        try check(maxPending > 0, "maxPending must be positive")
        try check(streamWindow > 0, "streamWindow must be positive")
        try connection.validate()
        try topics.validate()
        try consumer.validate()
    }
}
