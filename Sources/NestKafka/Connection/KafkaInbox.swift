import CRdKafka
import NIOCore

/// Where one client or server hears answers and words about streams: a partition of the topic all share. What others are
/// told there is passed over.
final class KafkaInbox: Sendable {
    let topic: String
    let partition: Int32
    /// What the keys of its records begin with.
    private let id: String
    private let prefix: [UInt8]
    private let reader: KafkaReader

    init(topic: String, partition: Int32, reader: KafkaReader) {
        self.topic = topic
        self.partition = partition
        self.reader = reader
        id = UniqueName.new()
        prefix = Array("\(id)-".utf8)
    }

    /// The key of the records under a number.
    func key(_ number: UInt64) -> String { "\(id)-\(number)" }

    /// Where what is under a number is heard.
    func address(_ number: UInt64) -> KafkaAddress {
        KafkaAddress(topic: topic, partition: partition, key: key(number))
    }

    /// Listens from now on: what is sent after this has returned is heard. `hear` is called on the loop, and `order` with
    /// what operators tell all.
    func begin(
        from offset: Int64, failed: @escaping @Sendable (TransportError) -> Void,
        order: @escaping @Sendable (KafkaRecord) -> Void = { _ in },
        hear: @escaping @Sendable (_ number: UInt64, KafkaRecord) -> Void
    ) async throws(TransportError) {
        try await reader.begin(
            [(KafkaPartitions.Name(topic: topic, partition: partition), offset)], room: { .max }, failed: failed,
            afterRead: {}
        ) { [self] record in
            if let number = number(of: record) {
                hear(number, record)
            } else if record.headers[KafkaHeader.seekAnswer] != nil {
                order(record)
            }
        }
    }

    func close() async { await reader.close() }

    private func number(of record: KafkaRecord) -> UInt64? {
        guard let key = record.key, key.readableBytes > prefix.count else { return nil }
        return key.withUnsafeReadableBytes { key in
            guard key.prefix(prefix.count).elementsEqual(prefix) else { return nil }
            var number: UInt64 = 0
            for byte in key.dropFirst(prefix.count) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                let (product, overflow) = number.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !overflow, !carry else { return nil }
                number = sum
            }
            return number
        }
    }
}

extension KafkaConnector {
    /// An inbox on a partition drawn at random, with the offset to listen from.
    func inbox(
        over producer: KafkaProducer, _ trouble: KafkaTrouble
    ) async throws(TransportError) -> (KafkaInbox, from: Int64) {
        let topics = KafkaTopics(handle: producer.handle, options: options.topics, timeout: options.operationTimeout)
        let topic = KafkaNames(options).replies
        let (partition, offset) = try await DedicatedThread.blocking {
            () throws(TransportError) -> (Int32, Int64) in
            let count = try topics.partitions()[topic] ?? 1
            let partition = Int32.random(in: 0..<Int32(clamping: max(1, count)))
            let name = KafkaPartitions.Name(topic: topic, partition: partition)
            return (partition, try topics.offsets(of: name).high)
        }
        let reader = try await reader(trouble)
        return (KafkaInbox(topic: topic, partition: partition, reader: reader), offset)
    }

    /// The topic with all answers.
    var replies: KafkaTopicSpec {
        let topics = options.topics
        return KafkaTopicSpec(
            name: KafkaNames(options).replies, partitions: topics.replyPartitions,
            configuration: ["retention.ms": Self.milliseconds(topics.replyRetention)])
    }
}
