import NIOCore

/// Where a dead letter lies: its partition and its offset there, and when it was written, by which letters are in order.
struct KafkaLetterID: Hashable, Comparable, Sendable {
    let time: Int64
    let partition: Int32
    let offset: Int64

    var text: String { "\(time)-\(partition)-\(offset)" }

    init(_ record: KafkaRecord) {
        time = record.timestamp ?? 0
        partition = record.name.partition
        offset = record.offset
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 3, let time = Int64(parts[0]), let partition = Int32(parts[1]),
            let offset = Int64(parts[2])
        else { return nil }
        (self.time, self.partition, self.offset) = (time, partition, offset)
    }

    static func < (left: KafkaLetterID, right: KafkaLetterID) -> Bool {
        (left.time, left.partition, left.offset) < (right.time, right.partition, right.offset)
    }
}

/// A record of the topic with dead letters.
struct KafkaLetter: Sendable {
    let id: KafkaLetterID
    let record: KafkaRecord
    let stored: StoredDeadLetter

    init(_ record: KafkaRecord) {
        id = KafkaLetterID(record)
        self.record = record
        stored = StoredDeadLetter(id: id.text, body: record.value ?? ByteBuffer(), headers: record.headers)
    }

    /// The headers it is sent with again.
    var headers: MessageHeaders {
        var headers = stored.originalHeaders
        for name in [KafkaHeader.pattern, KafkaHeader.replyPartition, KafkaHeader.dueAt, KafkaHeader.origin] {
            headers[name] = nil
        }
        return headers
    }

    var key: String? { record.key.map { String(buffer: $0) } }
}
