import CRdKafka

/// Headers of our own, beside those of the framework.
enum KafkaHeader {
    /// The pattern of the message.
    static let pattern = "nest-pattern"
    /// The partition where an answer, or a word about a stream, is expected.
    static let replyPartition = "nest-reply-partition"
    /// Where the writer of a stream hears its reader: a topic, and with ``replyPartition`` a partition of it.
    static let writer = "nest-stream-writer"
    /// When a record is to be tried again, in milliseconds since 1970.
    static let dueAt = "nest-retry-at"
    /// Where a record came from that waits for its next try: topic and partition.
    static let origin = "nest-retry-from"
    /// Where the answer goes to an order to go on somewhere else.
    static let seekAnswer = "nest-seek-answer"
    /// On a record of the dead letters: the letter at this partition and offset is not one any more.
    static let settled = "nest-dead-settled"
    /// How many bytes a dead letter had that is kept without its body, which is too large.
    static let bytes = "nest-dead-bytes"
}

/// A record's headers, from and to the library.
enum KafkaHeaders {
    /// Makes the library's headers, and one for the pattern. Nil for none.
    static func make(_ headers: MessageHeaders, pattern: String?) -> OpaquePointer? {
        guard !headers.isEmpty || pattern != nil else { return nil }
        guard let made = rd_kafka_headers_new(headers.count + 1) else { return nil }
        for header in headers { add(header.name, header.value, to: made) }
        if let pattern { add(KafkaHeader.pattern, pattern, to: made) }
        return made
    }

    private static func add(_ name: String, _ value: String, to headers: OpaquePointer) {
        var value = value
        value.withUTF8 { value in
            _ = rd_kafka_header_add(headers, name, -1, value.baseAddress, value.count)
        }
    }
}
