import CRdKafka

/// What a group has committed, asked without joining it.
struct KafkaOffsets: Sendable {
    private let options: KafkaOptions
    private let topics: KafkaTopics
    private let partitions: [String: Int]

    /// `partitions` is how many there are of each topic.
    init(_ options: KafkaOptions, _ topics: KafkaTopics, _ partitions: [String: Int]) {
        self.options = options
        self.topics = topics
        self.partitions = partitions
    }

    /// Where the group is in these topics; partitions in which it has committed nothing are left out.
    func read(_ wanted: [String], of group: String) async throws(TransportError) -> [KafkaPosition] {
        let properties = try await KafkaConnector(options, .quiet).properties(for: .consumers) + [("group.id", group)]
        return try await DedicatedThread.blocking { () throws(TransportError) in
            let handle = try KafkaHandle(
                RD_KAFKA_CONSUMER, properties,
                KafkaHandle.Callbacks(trouble: KafkaTrouble(TransportEnvironment.quiet.logger)))
            defer { handle.destroy() }
            return try read(wanted, of: group, handle)
        }
    }

    private func read(
        _ wanted: [String], of group: String, _ handle: KafkaHandle
    ) throws(TransportError) -> [KafkaPosition] {
        var list = KafkaPartitions(
            wanted.flatMap { topic in
                (0..<Int32(clamping: partitions[topic] ?? 0)).map {
                    KafkaPartitions.Name(topic: topic, partition: $0)
                }
            })
        guard !list.isEmpty else { return [] }
        let time = CInt(clamping: Int64(topics.timeout / .milliseconds(1)))
        let code = handle.ask { pointer in list.withList { rd_kafka_committed(pointer, $0, time) } }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw TransportError(kafka: code, "asking for the offsets of group `\(group)`")
        }
        var positions: [KafkaPosition] = []
        for entry in list.entries where entry.offset >= 0 {
            positions.append(
                KafkaPosition(entry.name, offset: entry.offset, end: try topics.offsets(of: entry.name).high))
        }
        return positions
    }
}
