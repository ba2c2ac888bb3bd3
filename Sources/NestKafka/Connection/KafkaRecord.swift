import CRdKafka
import NIOCore

/// A record, copied out of the library's memory.
struct KafkaRecord: Sendable {
    let name: KafkaPartitions.Name
    let offset: Int64
    /// Milliseconds since 1970; nil when nobody noted it.
    let timestamp: Int64?
    let key: ByteBuffer?
    /// Nil for a record without a value.
    private(set) var value: ByteBuffer?
    let headers: MessageHeaders

    init(
        _ message: UnsafePointer<rd_kafka_message_t>, _ bytes: KafkaBatch.Bytes, topic: String, headers: MessageHeaders
    ) {
        name = KafkaPartitions.Name(topic: topic, partition: message.pointee.partition)
        offset = message.pointee.offset
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = rd_kafka_message_timestamp(message, &kind)
        timestamp = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : time
        key = bytes.key
        value = bytes.value
        self.headers = headers
    }

    /// Bytes it takes, about.
    var size: Int { (value?.readableBytes ?? 0) + (key?.readableBytes ?? 0) + 512 }

    /// The same without its body. Not as null, which would delete what has its key.
    func withoutValue() -> KafkaRecord {
        var record = self
        record.value = ByteBuffer()
        return record
    }
}
