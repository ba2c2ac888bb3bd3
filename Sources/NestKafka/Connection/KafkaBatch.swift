import CRdKafka
import NIOCore

/// Takes records out of a queue of the library, many at once, and copies them. ``end()`` comes last.
///
/// `@unchecked Sendable`: touched on the loop only.
final class KafkaBatch: @unchecked Sendable {
    typealias Message = UnsafeMutablePointer<rd_kafka_message_t>

    /// Few enough that what they take is still near when it is given back.
    static let size = 256
    /// Records share a piece of memory of about this size; it is given back with the last of them.
    private static let shared = 16 << 10

    private let messages = UnsafeMutablePointer<Message?>.allocate(capacity: size)
    private let allocator = ByteBufferAllocator()
    private let returns: KafkaReturns

    init(of handle: KafkaHandle) { returns = KafkaReturns(handle) }

    deinit { messages.deallocate() }

    /// Hands on `limit` records at the most, and has the library call what is to be called. True when there may be more.
    func take(from queue: KafkaQueue, limit: Int, _ body: (Message, consuming KafkaBytes) -> Void) -> Bool {
        let wanted = min(limit, Self.size)
        let count = rd_kafka_consume_batch_queue(queue.pointer, 0, messages, wanted)
        var next = 0
        while next < count { next = takeSome(from: next, to: count, body) }
        if count < wanted { returns.flush() }
        return count == wanted
    }

    /// Gives the library back what it has not: nothing more is taken.
    func end() { returns.flush() }

    /// Hands on as many as share a piece of memory.
    private func takeSome(from first: Int, to count: Int, _ body: (Message, consuming KafkaBytes) -> Void) -> Int {
        var (end, size) = (first, 0)
        while end < count, end == first || size + Self.size(messages[end]) <= Self.shared {
            size += Self.size(messages[end])
            end += 1
        }
        var memory = allocator.buffer(capacity: size)
        for index in first..<end {
            memory.write(messages[index]?.pointee.key, messages[index]?.pointee.key_len)
            memory.write(messages[index]?.pointee.payload, messages[index]?.pointee.len)
        }
        for index in first..<end {
            guard let message = messages[index] else { continue }
            body(message, KafkaBytes(of: message, from: &memory))
            returns.take(message)
        }
        return end
    }

    private static func size(_ message: Message?) -> Int {
        message.map { $0.pointee.key_len + $0.pointee.len } ?? 0
    }
}

extension ByteBuffer {
    fileprivate mutating func write(_ start: UnsafeMutableRawPointer?, _ count: Int?) {
        guard let start, let count else { return }
        writeBytes(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// The name of a record's topic. Most records of a batch have the same.
struct KafkaTopicName {
    private var topic: OpaquePointer?
    private var name = ""

    mutating func of(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> String {
        guard let topic = message.pointee.rkt else { return "" }
        if topic != self.topic {
            self.topic = topic
            name = String(cString: rd_kafka_topic_name(topic))
        }
        return name
    }
}
