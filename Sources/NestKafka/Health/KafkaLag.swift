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
        try await KafkaOffsets(options, topics, partitions).read(wanted, of: group).reduce(into: [:]) {
            lags, position in
            lags[position.topic, default: 0] += position.lag
        }
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
