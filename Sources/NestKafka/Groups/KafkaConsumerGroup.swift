/// The consumer group of a service's events, for operators: see how far it is, have it handle what it has handled before, or
/// pass over what it has not.
///
/// ```swift
/// let ledger = try KafkaConsumerGroup(options, group: "ledger")
/// try await ledger.seek(to: .time(millisecondsSince1970: noon))
/// ```
///
/// Each call connects by itself and joins no group. It may be made anywhere: in the service itself, in an administrator's
/// application.
public struct KafkaConsumerGroup: Sendable {
    private let options: KafkaOptions
    private let group: String

    /// The group with this name (`MicroserviceOptions.group`), as these options reach it. Throws `invalid_configuration` for
    /// options that cannot work.
    public init(_ options: KafkaOptions, group: String) throws(TransportError) {
        try options.validate()
        self.options = options
        self.group = group
    }

    /// Where the group is in the partitions it reads: in the topic of all events, and in those ``KafkaTopicOptions/events``
    /// names. Partitions in which it has never committed anything are left out.
    public func positions() async throws(TransportError) -> [KafkaPosition] {
        try await KafkaVisit.during(options) { (visit) throws(TransportError) in
            try await KafkaSeeking(visit, group: group).positions()
        }
    }

    /// Has the running instances go on somewhere else in every partition: `.beginning`, an offset, a time, or `.now` to pass
    /// over what waits. Returns where they do when each has said so and the brokers have noted it.
    ///
    /// What is being handled meanwhile ends, and records of the same key wait for that; what was read and has not begun is
    /// read again, if it lies behind the new place. Records that wait for another try in a topic of theirs, and dead
    /// letters, stay where they are.
    ///
    /// Throws `not_found` for a group that has read nothing yet, and `timeout` when partitions are left whose instance has
    /// not answered within `time`, because none is running: those that had one have moved. To call again does no harm.
    @discardableResult
    public func seek(
        to place: KafkaStart, within time: Duration = .seconds(30)
    ) async throws(TransportError) -> [KafkaPosition] {
        try await KafkaVisit.during(options) { (visit) throws(TransportError) in
            try await KafkaSeeking(visit, group: group).seek(to: place, within: time)
        }
    }
}
