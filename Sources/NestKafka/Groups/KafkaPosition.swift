/// Where a consumer group is in a partition.
public struct KafkaPosition: Hashable, Sendable {
    /// The topic.
    public let topic: String
    /// Its partition.
    public let partition: Int
    /// The offset of the record that the group handles next: everything before it is done with.
    public let offset: Int64
    /// The offset of the record that comes next into the partition.
    public let end: Int64

    /// How many records are not handled yet, those included that the brokers have let go of in between.
    public var lag: Int64 { max(0, end - offset) }

    var name: KafkaPartitions.Name { KafkaPartitions.Name(topic: topic, partition: Int32(clamping: partition)) }

    init(_ name: KafkaPartitions.Name, offset: Int64, end: Int64) {
        topic = name.topic
        partition = Int(name.partition)
        self.offset = offset
        self.end = end
    }
}
