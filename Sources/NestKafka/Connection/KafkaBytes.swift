import CRdKafka
import NIOCore

/// A record's key and value, copied out of the library's memory.
struct KafkaBytes: Sendable {
    /// The value behind the key.
    private var memory: ByteBuffer
    /// Negative when there is none.
    private let keyLength: Int
    private var valueLength: Int

    /// Takes them from where they were copied to, one behind the other.
    init(of message: KafkaBatch.Message, from memory: inout ByteBuffer) {
        keyLength = message.pointee.key == nil ? -1 : message.pointee.key_len
        valueLength = message.pointee.payload == nil ? -1 : message.pointee.len
        self.memory = memory.readSlice(length: max(0, keyLength) + max(0, valueLength)) ?? ByteBuffer()
    }

    /// Nil for a record without a key.
    var key: ByteBuffer? { keyLength < 0 ? nil : memory.getSlice(at: memory.readerIndex, length: keyLength) }

    /// Nil for a record without a value.
    var value: ByteBuffer? {
        valueLength < 0 ? nil : memory.getSlice(at: memory.readerIndex + max(0, keyLength), length: valueLength)
    }

    var count: Int { memory.readableBytes }

    mutating func emptyValue() {
        valueLength = 0
        memory.moveWriterIndex(to: memory.readerIndex + max(0, keyLength))
    }
}
