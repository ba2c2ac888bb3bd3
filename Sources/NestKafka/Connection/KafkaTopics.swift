import CRdKafka

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A topic that is needed, and what it is like when it is created.
struct KafkaTopicSpec: Hashable, Sendable {
    let name: String
    let partitions: Int
    var configuration: [String: String] = [:]
}

/// What is asked about topics, over an instance that is there. Everything here blocks.
struct KafkaTopics: Sendable {
    let handle: KafkaHandle
    let options: KafkaTopicOptions
    let timeout: Duration

    private var milliseconds: CInt { CInt(clamping: Int64(timeout / .milliseconds(1))) }

    /// Has the topics there, created when they are missing and that is wanted.
    func provide(_ specs: [KafkaTopicSpec]) throws(TransportError) {
        let known = try partitions()
        let missing = specs.filter { known[$0.name] == nil }
        guard !missing.isEmpty else { return }
        guard options.provision == .create else {
            let names = missing.map { "`\($0.name)`" }.joined(separator: ", ")
            throw TransportError(.notFound, "Kafka: there is no topic \(names): see `topics`")
        }
        for (name, error) in try create(missing) where error.code != .addressInUse {
            throw TransportError(error.code, "Kafka: creating topic `\(name)`: \(error.message)")
        }
    }

    /// The number of partitions of each topic there is.
    func partitions() throws(TransportError) -> [String: Int] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = handle.ask { rd_kafka_metadata($0, 1, nil, &metadata, milliseconds) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            throw TransportError(kafka: code, "asking Kafka for its topics")
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        let topics = UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        return topics.reduce(into: [:]) { known, topic in
            if topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, topic.partition_cnt > 0 {
                known[String(cString: topic.topic)] = Int(topic.partition_cnt)
            }
        }
    }

    /// The first offset that is there, and the one that comes next.
    func offsets(of name: KafkaPartitions.Name) throws(TransportError) -> (low: Int64, high: Int64) {
        var (low, high): (Int64, Int64) = (0, 0)
        let code = handle.ask {
            rd_kafka_query_watermark_offsets($0, name.topic, name.partition, &low, &high, milliseconds)
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw TransportError(kafka: code, "asking Kafka for the offsets of \(name)")
        }
        return (low, high)
    }

    /// The offset of what comes first from a place on.
    func offset(of name: KafkaPartitions.Name, at place: KafkaStart) throws(TransportError) -> Int64 {
        let (low, high) = try offsets(of: name)
        switch place {
        case .now: return high
        case .beginning: return low
        case .offset(let offset): return max(low, offset)
        case .time(let time): return try first(of: name, at: time) ?? high
        }
    }

    /// The first record of a time; nil when there is none.
    private func first(of name: KafkaPartitions.Name, at time: Int64) throws(TransportError) -> Int64? {
        var list = KafkaPartitions([name], offset: time)
        let code = handle.ask { pointer in list.withList { rd_kafka_offsets_for_times(pointer, $0, milliseconds) } }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw TransportError(kafka: code, "asking for the offset of a time in \(name)")
        }
        return list.entries.first.flatMap { $0.offset >= 0 ? $0.offset : nil }
    }

    /// What became of each topic; one that is there already is `address_in_use`.
    private func create(_ specs: [KafkaTopicSpec]) throws(TransportError) -> [String: TransportError] {
        var made: [OpaquePointer?] = []
        defer { rd_kafka_NewTopic_destroy_array(&made, made.count) }
        for spec in specs { made.append(try topic(spec)) }
        return try ask(RD_KAFKA_ADMIN_OP_CREATETOPICS) { pointer, queue, wishes in
            rd_kafka_CreateTopics(pointer, &made, made.count, wishes, queue)
        } read: { event -> [String: TransportError] in
            var count = 0
            guard let result = rd_kafka_event_CreateTopics_result(event),
                let topics = rd_kafka_CreateTopics_result_topics(result, &count)
            else { return [:] }
            return UnsafeBufferPointer(start: topics, count: count).reduce(into: [:]) { results, topic in
                guard let topic, rd_kafka_topic_result_error(topic) != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
                let name = String(cString: rd_kafka_topic_result_name(topic))
                let said = rd_kafka_topic_result_error_string(topic).map { String(cString: $0) }
                let code = rd_kafka_topic_result_error(topic)
                results[name] =
                    code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS
                    ? TransportError(.addressInUse, said ?? "it is there")
                    : TransportError(kafka: code, "refused", reason: said)
            }
        }
    }

    private func topic(_ spec: KafkaTopicSpec) throws(TransportError) -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 512)
        guard
            let topic = rd_kafka_NewTopic_new(
                spec.name, CInt(spec.partitions), CInt(options.replicas), &reason, reason.count)
        else {
            throw TransportError(
                .invalidConfiguration, "Kafka options: topic `\(spec.name)`: \(String(nullTerminated: reason))")
        }
        for (name, value) in options.configuration.merging(spec.configuration, uniquingKeysWith: { $1 }) {
            rd_kafka_NewTopic_set_config(topic, name, value)
        }
        return topic
    }

    /// Asks the brokers' administration for something and waits for what it says.
    private func ask<Answer>(
        _ operation: rd_kafka_admin_op_t,
        _ body: (_ pointer: OpaquePointer, _ queue: OpaquePointer, _ wishes: OpaquePointer?) -> Void,
        read: (OpaquePointer) -> Answer
    ) throws(TransportError) -> Answer {
        let answer = try handle.lend { (pointer) throws(TransportError) in
            try ask(pointer, operation, body, read: read)
        }
        guard let answer else { throw TransportError(.closed, "the connection to Kafka is closed") }
        return answer
    }

    private func ask<Answer>(
        _ pointer: OpaquePointer, _ operation: rd_kafka_admin_op_t,
        _ body: (_ pointer: OpaquePointer, _ queue: OpaquePointer, _ wishes: OpaquePointer?) -> Void,
        read: (OpaquePointer) -> Answer
    ) throws(TransportError) -> Answer {
        guard let queue = rd_kafka_queue_new(pointer) else {
            throw TransportError(.internal, "the library has no queue")
        }
        defer { rd_kafka_queue_destroy(queue) }
        let wishes = rd_kafka_AdminOptions_new(pointer, operation)
        defer { rd_kafka_AdminOptions_destroy(wishes) }
        var reason = [CChar](repeating: 0, count: 256)
        rd_kafka_AdminOptions_set_request_timeout(wishes, milliseconds, &reason, reason.count)
        rd_kafka_AdminOptions_set_operation_timeout(wishes, milliseconds, &reason, reason.count)
        body(pointer, queue, wishes)
        guard let event = rd_kafka_queue_poll(queue, milliseconds + 1_000) else {
            throw TransportError(.timeout, "Kafka: the brokers did not answer in time")
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let said = rd_kafka_event_error_string(event).map { String(cString: $0) }
            throw TransportError(kafka: code, "asking Kafka's administration", reason: said)
        }
        return read(event)
    }
}
