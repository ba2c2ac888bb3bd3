import CRdKafka

/// Takes records out of a queue of the library, many at once.
///
/// `@unchecked Sendable`: touched on the loop only.
final class KafkaBatch: @unchecked Sendable {
    private static let size = 256

    private let messages = UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: size)

    deinit { messages.deallocate() }

    /// Hands on `limit` records at the most, and has the library call what is to be called. True when there may be more.
    func take(from queue: KafkaQueue, limit: Int, _ body: (UnsafeMutablePointer<rd_kafka_message_t>) -> Void) -> Bool {
        let wanted = min(limit, Self.size)
        let count = rd_kafka_consume_batch_queue(queue.pointer, 0, messages, wanted)
        guard count > 0 else { return false }
        for index in 0..<count {
            guard let message = messages[index] else { continue }
            body(message)
            rd_kafka_message_destroy(message)
        }
        return count == wanted
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
