import CRdKafka

/// Partitions with offsets, copied out of a list of the library.
struct KafkaPartitions: Sendable {
    /// A partition of a topic.
    struct Name: Hashable, Sendable, CustomStringConvertible {
        let topic: String
        let partition: Int32

        var description: String { "\(topic)[\(partition)]" }
    }

    struct Entry: Sendable {
        let name: Name
        var offset: Int64
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
    }

    var entries: [Entry] = []

    init() {}

    init(_ names: some Sequence<Name>, offset: Int64 = Int64(RD_KAFKA_OFFSET_INVALID)) {
        entries = names.map { Entry(name: $0, offset: offset) }
    }

    /// Copies a list.
    init(_ list: rd_kafka_topic_partition_list_t) {
        entries = UnsafeBufferPointer(start: list.elems, count: Int(list.cnt)).map { element in
            Entry(
                name: Name(topic: String(cString: element.topic), partition: element.partition), offset: element.offset,
                code: element.err)
        }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Lends it as a list of the library's. What the library writes into it is copied back. The list never outlives the
    /// call: one that does holds references for which ending the library waits for ever.
    mutating func withList<Result>(
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> Result
    ) -> Result {
        let list = rd_kafka_topic_partition_list_new(CInt(entries.count))
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for entry in entries {
            rd_kafka_topic_partition_list_add(list, entry.name.topic, entry.name.partition)?.pointee.offset =
                entry.offset
        }
        let result = body(list)
        if let list { self = KafkaPartitions(list.pointee) }
        return result
    }
}
