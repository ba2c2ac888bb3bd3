import CRdKafka

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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

/// Copies the headers of records. Those of one record are often those of the one before it: then nothing is copied.
struct KafkaHeaderReader {
    private var last = MessageHeaders()

    mutating func read(_ message: UnsafePointer<rd_kafka_message_t>) -> MessageHeaders {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [:] }
        if isLast(list) { return last }
        var headers = MessageHeaders()
        var index = 0
        while let (name, value) = Self.entry(index, of: list) {
            headers[String(cString: name)] = String(decoding: value, as: UTF8.self)
            index += 1
        }
        last = headers
        return headers
    }

    /// True when they are those of the record before, in the same order.
    private func isLast(_ list: OpaquePointer) -> Bool {
        guard rd_kafka_header_cnt(list) == last.count else { return false }
        for (index, known) in last.enumerated() {
            guard let (name, value) = Self.entry(index, of: list), Self.equals(known.value, value),
                Self.equals(known.name, UnsafeRawBufferPointer(start: name, count: strlen(name)))
            else { return false }
        }
        return true
    }

    private static func equals(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard text.utf8.count == bytes.count else { return false }
        var text = text
        return text.withUTF8 { text in
            guard let left = text.baseAddress, let right = bytes.baseAddress else { return true }
            return memcmp(left, right, bytes.count) == 0
        }
    }

    private static func entry(
        _ index: Int, of list: OpaquePointer
    ) -> (name: UnsafePointer<CChar>, value: UnsafeRawBufferPointer)? {
        var (name, value, size) = (UnsafePointer<CChar>?.none, UnsafeRawPointer?.none, 0)
        guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
        else { return nil }
        return (name, UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
    }
}
