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
    /// Names and values of the last record's, one after another.
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int)] = []

    mutating func read(_ message: UnsafePointer<rd_kafka_message_t>) -> MessageHeaders {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [:] }
        if !isLast(list) { keep(list) }
        return last
    }

    private mutating func keep(_ list: OpaquePointer) {
        var headers = MessageHeadersBuilder()
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        while let (name, value) = Self.entry(lengths.count, of: list) {
            let name = UnsafeRawBufferPointer(start: name, count: strlen(name))
            headers.set(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
            bytes.append(contentsOf: name)
            bytes.append(contentsOf: value)
            lengths.append((name.count, value.count))
        }
        last = headers.headers
    }

    /// True when they are those of the record before, in the same order.
    private func isLast(_ list: OpaquePointer) -> Bool {
        guard rd_kafka_header_cnt(list) == lengths.count else { return false }
        return bytes.withUnsafeBytes { known in
            var known = known[...]
            for (index, length) in lengths.enumerated() {
                guard let (start, value) = Self.entry(index, of: list), strlen(start) == length.name,
                    value.count == length.value
                else { return false }
                let name = UnsafeRawBufferPointer(start: start, count: length.name)
                guard Self.begins(known, name), Self.begins(known.dropFirst(name.count), value) else { return false }
                known = known.dropFirst(name.count + value.count)
            }
            return true
        }
    }

    private static func begins(_ bytes: Slice<UnsafeRawBufferPointer>, _ start: UnsafeRawBufferPointer) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(start.count))
        guard let left = bytes.baseAddress, let right = start.baseAddress else { return start.isEmpty }
        return memcmp(left, right, start.count) == 0
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
