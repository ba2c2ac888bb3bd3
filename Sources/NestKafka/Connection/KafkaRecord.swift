import CRdKafka
import NIOCore

/// A record, copied out of the library's memory; its headers may be there until ``keepHeaders()``.
struct KafkaRecord: Sendable {
    private(set) var name: KafkaPartitions.Name
    private(set) var offset: Int64
    /// Milliseconds since 1970; nil when nobody noted it.
    private(set) var timestamp: Int64?
    private var bytes: KafkaBytes
    private var source: KafkaRecordHeaders

    /// Nil for a record without a key.
    var key: ByteBuffer? { bytes.key }
    /// Nil for a record without a value.
    var value: ByteBuffer? { bytes.value }
    var headers: MessageHeaders { source.all }

    init(
        _ message: UnsafePointer<rd_kafka_message_t>, _ bytes: KafkaBytes, _ name: KafkaPartitions.Name,
        headers: KafkaRecordHeaders
    ) {
        self.name = name
        offset = message.pointee.offset
        timestamp = Self.timestamp(of: message)
        self.bytes = bytes
        source = headers
    }

    /// Becomes another one of its partition that the library lends, as this one was lent. Only when ``isAlone()``.
    mutating func become(lent message: KafkaBatch.Message, _ bytes: consuming KafkaBytes) {
        offset = message.pointee.offset
        timestamp = Self.timestamp(of: message)
        self.bytes = bytes
        source.become(lent: message)
    }

    /// It is to become one of another partition.
    mutating func move(to name: KafkaPartitions.Name) { self.name = name }

    /// True while there is no other copy of it.
    mutating func isAlone() -> Bool { isKnownUniquelyReferenced(&source) }

    /// Copies the headers too, before the library has the record back.
    func keepHeaders() { source.keep() }

    private static func timestamp(of message: UnsafePointer<rd_kafka_message_t>) -> Int64? {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = rd_kafka_message_timestamp(message, &kind)
        return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time
    }

    /// Bytes it takes, about.
    var size: Int { bytes.count + 512 }

    /// The same without its body. Not as null, which would delete what has its key.
    func withoutValue() -> KafkaRecord {
        var record = self
        record.bytes.emptyValue()
        return record
    }
}
