/// How a service reads its topics.
public struct KafkaConsumerOptions: Sendable {
    /// Where a record of a key waits that is to be tried again.
    public enum KeyedRetries: Sendable, Hashable {
        /// In the service, and the records of its key behind it: they keep their order. Other keys go on, while the group's
        /// offset stands still: after a crash, what was handled since comes again.
        case inOrder
        /// In a topic, as records without a key: those of its key behind it overtake it.
        case elsewhere
    }

    /// Where a group begins that is new to a topic.
    public var start = KafkaStart.now
    /// Records of a key that are to be tried again.
    public var keyedRetries = KeyedRetries.inOrder
    /// Keeps the partitions of an instance for it while it restarts: a name that no other instance of the group has. Nil:
    /// what an instance had is shared out when it goes.
    public var instanceID: String?
    /// After so long without a sign of life the brokers give an instance's partitions to others.
    public var sessionTimeout: Duration = .seconds(45)
    /// How often there is a sign of life.
    public var heartbeatInterval: Duration = .seconds(3)
    /// After so long without a look for new records an instance counts as stuck, and its partitions go to others. Handlers
    /// that wait may take longer: they do not hold up the looking, as one does that computes and is not `@Blocking`.
    public var maxPollInterval: Duration = .seconds(300)
    /// How long running handlers may take to finish when a partition goes to another instance. What has not ended then is
    /// handled again there.
    public var revokeTimeout: Duration = .seconds(10)
    /// How often the offset of what was handled is committed. After a crash, what was handled since comes again.
    public var commitInterval: Duration = .milliseconds(500)
    /// Bytes of records that were read and not handled yet, those included that the library has fetched ahead.
    public var maxBufferedBytes = 16 << 20
    /// How much a caller's clock may be behind: a request whose time has been over for longer is dropped unhandled.
    public var clockTolerance: Duration = .seconds(5)

    /// The defaults above.
    public init() {}
}

/// Where a group begins that is new to a topic. A group that exists goes on where it is.
public enum KafkaStart: Sendable, Hashable {
    /// With what comes from now on.
    case now
    /// With the oldest record there is.
    case beginning
    /// With this offset in every partition, or the oldest that is still there.
    case offset(Int64)
    /// With the first record of this time, in milliseconds since 1970.
    case time(millisecondsSince1970: Int64)
}

extension KafkaConsumerOptions {
    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "Kafka options: consumer: \(what)") }
        }
        try check(sessionTimeout >= .seconds(1), "sessionTimeout must be a second or more")
        try check(
            heartbeatInterval > .zero && heartbeatInterval < sessionTimeout,
            "heartbeatInterval must be positive and less than sessionTimeout")
        try check(maxPollInterval >= sessionTimeout, "maxPollInterval must not be less than sessionTimeout")
        try check(
            revokeTimeout > .zero && revokeTimeout < maxPollInterval,
            "revokeTimeout must be positive and less than maxPollInterval")
        try check(commitInterval >= .milliseconds(10), "commitInterval must be 10 milliseconds or more")
        try check(maxBufferedBytes >= 1_024, "maxBufferedBytes must be 1024 or more")
        try check(clockTolerance >= .zero, "clockTolerance must not be negative")
        if case .offset(let offset) = start { try check(offset >= 0, "a start offset must not be negative") }
    }
}
