import CRdKafka

/// How many records of its topics a service has not handled yet: from what its groups have committed to the end of each
/// partition. Asked without joining them.
struct KafkaLag: Sendable {
    private let options: KafkaOptions
    private let topics: KafkaTopics
    private let partitions: [String: Int]
    private let service: String

    init(_ options: KafkaOptions, topics: KafkaTopics, partitions: [String: Int], service: String) {
        self.options = options
        self.topics = topics
        self.partitions = partitions
        self.service = service
    }

    /// By topic. Topics a group has committed nothing in are left out.
    func read() async throws(TransportError) -> [String: Int64] {
        let names = KafkaNames(options)
        let retries = partitions.keys.filter { $0.hasPrefix("\(names.prefix).retry.\(service).") }
        let groups = [
            (names.requestGroup(service), [names.requests(service)]),
            (names.group(service), [names.events] + options.topics.events.map(\.topic)),
            (names.retryGroup(service), retries),
        ]
        var all: [String: Int64] = [:]
        for (group, topics) in groups {
            let wanted = topics.filter { partitions[$0] != nil }
            guard !wanted.isEmpty else { continue }
            all.merge(try await read(wanted, of: group)) { $1 }
        }
        return all
    }

    private func read(_ wanted: [String], of group: String) async throws(TransportError) -> [String: Int64] {
        let properties = try await KafkaConnector(options, .quiet).properties(for: .consumers) + [("group.id", group)]
        return try await DedicatedThread.blocking { () throws(TransportError) in
            let handle = try KafkaHandle(
                RD_KAFKA_CONSUMER, properties,
                KafkaHandle.Callbacks(trouble: KafkaTrouble(TransportEnvironment.quiet.logger)))
            defer { handle.destroy() }
            return try lags(wanted, handle)
        }
    }

    private func lags(_ wanted: [String], _ handle: KafkaHandle) throws(TransportError) -> [String: Int64] {
        var list = KafkaPartitions(
            wanted.flatMap { topic in
                (0..<Int32(clamping: partitions[topic] ?? 0)).map {
                    KafkaPartitions.Name(topic: topic, partition: $0)
                }
            })
        guard !list.isEmpty else { return [:] }
        let time = CInt(clamping: Int64(topics.timeout / .milliseconds(1)))
        let code = handle.ask { pointer in list.withList { rd_kafka_committed(pointer, $0, time) } }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw TransportError(kafka: code, "asking for the offsets of `\(service)`")
        }
        var lags: [String: Int64] = [:]
        for entry in list.entries where entry.offset >= 0 {
            lags[entry.name.topic, default: 0] += max(0, try topics.offsets(of: entry.name).high - entry.offset)
        }
        return lags
    }
}

extension KafkaTopics {
    /// How many records there are, those included that the brokers have let go of in between.
    func size(of topic: String, partitions: Int) throws(TransportError) -> Int64 {
        var size: Int64 = 0
        for partition in 0..<Int32(clamping: partitions) {
            let (low, high) = try offsets(of: KafkaPartitions.Name(topic: topic, partition: partition))
            size += max(0, high - low)
        }
        return size
    }
}
