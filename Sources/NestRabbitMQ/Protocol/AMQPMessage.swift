import CRabbitMQ
import NIOCore

/// A message of the broker, copied out of the C library's memory.
struct AMQPMessage: Sendable {
    var tag: UInt64
    var isRedelivered: Bool
    var exchange: String
    var routingKey: String
    var properties: AMQPProperties
    var body: ByteBuffer
}

/// A message of the broker as the C library has decoded it. It lives until the call returns that was given it; its body
/// may be kept.
struct AMQPDelivery {
    let tag: UInt64
    let isRedelivered: Bool
    let exchange: amqp_bytes_t
    let routingKey: amqp_bytes_t
    let properties: amqp_basic_properties_t
    /// Nil when it is larger than is taken.
    let body: ByteBuffer?

    /// The digits in the correlation id; nil for any other.
    var correlationNumber: UInt64? {
        guard properties.has(AMQP_BASIC_CORRELATION_ID_FLAG) else { return nil }
        return properties.correlation_id.number
    }

    var replyTo: amqp_bytes_t {
        properties.has(AMQP_BASIC_REPLY_TO_FLAG) ? properties.reply_to : amqp_bytes_t(len: 0, bytes: nil)
    }
}

/// A message that the broker could not route, and why.
struct AMQPReturn {
    let code: Int
    let text: amqp_bytes_t
    let properties: amqp_basic_properties_t

    var correlationNumber: UInt64? {
        guard properties.has(AMQP_BASIC_CORRELATION_ID_FLAG) else { return nil }
        return properties.correlation_id.number
    }
}

extension amqp_bytes_t {
    /// Up to 20 digits as a number.
    var number: UInt64? {
        let bytes = buffer
        guard !bytes.isEmpty, bytes.count <= 20 else { return nil }
        var number: UInt64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
