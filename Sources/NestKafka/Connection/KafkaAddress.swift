import NIOCore

/// Where somebody hears answers, or words about a stream: a partition all may write to, and a number that tells who of
/// those who read it is meant.
struct KafkaAddress: Hashable, Sendable {
    let topic: String
    let partition: Int32?
    /// The key of the record.
    let key: String

    /// The same as text: topic, partition, key. Topics have no spaces.
    var text: String { "\(topic) \(partition ?? 0) \(key)" }

    init(topic: String, partition: Int32?, key: String) {
        self.topic = topic
        self.partition = partition
        self.key = key
    }

    /// Reads the text; nil when it is none.
    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, KafkaNames.problem(ofTopic: String(parts[0])) == nil, let partition = Int32(parts[1]),
            partition >= 0
        else { return nil }
        self.init(topic: String(parts[0]), partition: partition, key: String(parts[2]))
    }
}
