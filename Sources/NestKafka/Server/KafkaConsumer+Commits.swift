import CRdKafka
import Logging
import NIOCore

/// What is told to the brokers about what is done with.
extension KafkaConsumer {
    func positions(of assignments: some Sequence<KafkaAssignment>) -> KafkaPartitions {
        var list = KafkaPartitions()
        list.entries = assignments.map { KafkaPartitions.Entry(name: $0.name, offset: $0.position) }
        return list
    }

    /// Commits what has moved, without waiting for it.
    func commitSoon() {
        let dirty = assignments.values.filter { $0.isDirty && !$0.isLeaving }
        nextCommit = .now() + TimeAmount(options.consumer.commitInterval)
        guard !dirty.isEmpty else { return }
        var list = positions(of: dirty)
        let code = handle.ask { pointer in list.withList { rd_kafka_commit(pointer, $0, 1) } }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return noteCommit(TransportError(kafka: code, "committing offsets"))
        }
        for assignment in dirty { assignment.isDirty = false }
    }

    /// What the brokers have said to ``commitSoon()``. On the loop, or on the thread that closes the member.
    func committed(_ code: rd_kafka_resp_err_t, _ partitions: KafkaPartitions) {
        let refused = partitions.entries.filter { code != RD_KAFKA_RESP_ERR_NO_ERROR || $0.code != code }
        guard !isClosing, let first = refused.first, code != RD_KAFKA_RESP_ERR__NO_OFFSET else { return }
        let reason = code == RD_KAFKA_RESP_ERR_NO_ERROR ? first.code : code
        logger.debug(
            "offsets are committed again",
            metadata: [
                LogKey.transport: "kafka", "nest.group": .string(group.id),
                LogKey.error: .string("\(TransportError(kafka: reason, "committing offsets"))"),
            ])
        for entry in refused { assignments[entry.name]?.isDirty = true }
    }

    /// Commits and waits for what the brokers say. Blocks; nil when they took it.
    func commit(_ list: KafkaPartitions, within time: Duration) -> TransportError? {
        guard !list.isEmpty else { return nil }
        var list = list
        let code = handle.ask { pointer in
            guard let queue = rd_kafka_queue_new(pointer) else { return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE }
            defer { rd_kafka_queue_destroy(queue) }
            let code = list.withList { rd_kafka_commit_queue(pointer, $0, queue, nil, nil) }
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return code }
            guard let event = rd_kafka_queue_poll(queue, CInt(clamping: Int64(time / .milliseconds(1)))) else {
                return RD_KAFKA_RESP_ERR__TIMED_OUT
            }
            defer { rd_kafka_event_destroy(event) }
            return rd_kafka_event_error(event)
        }
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : TransportError(kafka: code, "committing offsets")
    }

    /// What was not committed comes again.
    func noteCommit(_ error: TransportError) {
        logger.warning(
            "offsets are not committed: what was handled comes again",
            metadata: [
                LogKey.transport: "kafka", "nest.group": .string(group.id), LogKey.error: .string("\(error)"),
            ])
    }
}
