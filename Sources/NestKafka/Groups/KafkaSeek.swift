/// What the members of a group are told that is to go on somewhere else, and what they answer: where they do now.
struct KafkaSeek: Codable, Sendable {
    /// A partition and the offset of what is handled there next.
    struct Target: Codable, Sendable, Hashable {
        let topic: String
        let partition: Int32
        let offset: Int64

        var name: KafkaPartitions.Name { KafkaPartitions.Name(topic: topic, partition: partition) }
    }

    /// The consumer group, by the name the brokers know it by.
    let group: String
    let targets: [Target]
}
