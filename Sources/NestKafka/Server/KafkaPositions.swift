import CRdKafka

/// Where a member begins in the partitions that come to it. Everything here blocks.
struct KafkaPositions: Sendable {
    struct Position: Sendable {
        let name: KafkaPartitions.Name
        let offset: Int64
        /// The group has not been there before.
        let isNew: Bool
    }

    let handle: KafkaHandle
    let group: KafkaPlan.Group
    let options: KafkaOptions

    private var milliseconds: CInt { CInt(clamping: Int64(options.operationTimeout / .milliseconds(1))) }

    func find(_ partitions: KafkaPartitions) throws(TransportError) -> [Position] {
        guard !partitions.isEmpty else { return [] }
        let committed = try self.committed(partitions)
        var positions: [Position] = []
        for entry in committed.entries {
            if entry.offset >= 0 {
                positions.append(Position(name: entry.name, offset: entry.offset, isNew: false))
            } else {
                positions.append(Position(name: entry.name, offset: try start(entry.name), isNew: true))
            }
        }
        return positions
    }

    /// What the group has committed.
    private func committed(_ partitions: KafkaPartitions) throws(TransportError) -> KafkaPartitions {
        var list = KafkaPartitions(partitions.entries.map(\.name))
        let code = handle.ask { pointer in list.withList { rd_kafka_committed(pointer, $0, milliseconds) } }
        let failed = list.entries.first { $0.code != RD_KAFKA_RESP_ERR_NO_ERROR }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, failed == nil else {
            throw TransportError(kafka: failed?.code ?? code, "asking for the offsets of group `\(group.id)`")
        }
        return list
    }

    /// Where a group begins that is new to a partition.
    private func start(_ name: KafkaPartitions.Name) throws(TransportError) -> Int64 {
        let topics = KafkaTopics(handle: handle, options: options.topics, timeout: options.operationTimeout)
        // A request waits for its service, and what waits for its next try is the group's own.
        let isEvents = group.topics[name.topic] == .events
        return try topics.offset(of: name, at: isEvents ? options.consumer.start : .beginning)
    }
}
