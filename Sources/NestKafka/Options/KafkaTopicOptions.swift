/// Which topics there are, and what they are like.
public struct KafkaTopicOptions: Sendable {
    /// What to do about topics that are missing.
    public enum Provision: Sendable, Hashable {
        /// They are created, with the partitions and replicas given here.
        case create
        /// That is an error when connecting: `not_found`, with the name of the topic.
        case check
    }

    /// Events of a pattern that have a topic of their own.
    public struct Mapping: Sendable, Hashable {
        /// Which events.
        public var pattern: Pattern
        /// The topic, as its name stands on the brokers.
        public var topic: String

        /// Events of this pattern go to this topic.
        public init(_ pattern: Pattern, to topic: String) {
            self.pattern = pattern
            self.topic = topic
        }
    }

    /// Events that have topics of their own, the first mapping that fits counts; several patterns may share a topic. All
    /// others are in `prefix.events`.
    public var events: [Mapping] = []
    /// Where a service's requests are. Nil: `prefix.requests` for the service `default`, for others
    /// `prefix.requests.service`.
    public var requests: String?
    /// What to do about topics that are missing.
    public var provision = Provision.create
    /// Partitions of topics that are created: so many instances of a service can share the work.
    public var partitions = 6
    /// Replicas of topics that are created; -1: as many as the brokers' own default.
    public var replicas = -1
    /// Further properties of topics that are created, such as `retention.ms`, in the brokers' words.
    public var configuration: [String: String] = [:]
    /// Partitions of the topic with the answers, if it is created. Clients share them.
    public var replyPartitions = 12
    /// How long the brokers keep answers.
    public var replyRetention: Duration = .seconds(3_600)

    /// The defaults above.
    public init() {}
}

extension KafkaTopicOptions {
    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "Kafka options: topics: \(what)") }
        }
        try check((1...10_000).contains(partitions), "partitions must be between 1 and 10000")
        try check((1...10_000).contains(replyPartitions), "replyPartitions must be between 1 and 10000")
        try check(replicas == -1 || (1...1_000).contains(replicas), "replicas must be positive, or -1")
        try check(replyRetention >= .seconds(1), "replyRetention must be a second or more")
        for name in events.map(\.topic) + [requests].compactMap({ $0 }) {
            if let problem = KafkaNames.problem(ofTopic: name) { try check(false, "`\(name)` \(problem)") }
        }
    }

    /// The topic of an event; nil: that of all others.
    func topic(of pattern: Pattern) -> String? { events.first { $0.pattern.includes(pattern) }?.topic }
}
