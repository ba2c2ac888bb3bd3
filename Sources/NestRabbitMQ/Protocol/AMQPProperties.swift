import CRabbitMQ

/// What stands beside a message's body.
struct AMQPProperties: Sendable {
    var contentType: String?
    var headers = AMQPTable()
    /// Written to disk by a durable queue.
    var isPersistent = false
    var priority: UInt8?
    var correlationID = ""
    var replyTo = ""
    /// Milliseconds after which the broker drops it.
    var expiration: Int64?
    var messageID = ""

    static let jsonType = "application/json"

    /// What envelopes are sent with.
    static var json: AMQPProperties {
        var properties = AMQPProperties()
        properties.contentType = jsonType
        properties.isPersistent = true
        return properties
    }
}

extension AMQPProperties {
    /// A copy in the pool's memory.
    func inC(_ pool: AMQPPool) -> amqp_basic_properties_t {
        var encoded = amqp_basic_properties_t()
        var flags = 0
        if let contentType {
            flags |= Int(AMQP_BASIC_CONTENT_TYPE_FLAG)
            encoded.content_type = pool.bytes(contentType)
        }
        if !headers.isEmpty {
            flags |= Int(AMQP_BASIC_HEADERS_FLAG)
            encoded.headers = pool.table(headers)
        }
        if isPersistent {
            flags |= Int(AMQP_BASIC_DELIVERY_MODE_FLAG)
            encoded.delivery_mode = 2
        }
        if let priority {
            flags |= Int(AMQP_BASIC_PRIORITY_FLAG)
            encoded.priority = priority
        }
        if !correlationID.isEmpty {
            flags |= Int(AMQP_BASIC_CORRELATION_ID_FLAG)
            encoded.correlation_id = pool.bytes(correlationID)
        }
        if !replyTo.isEmpty {
            flags |= Int(AMQP_BASIC_REPLY_TO_FLAG)
            encoded.reply_to = pool.bytes(replyTo)
        }
        if let expiration {
            flags |= Int(AMQP_BASIC_EXPIRATION_FLAG)
            encoded.expiration = pool.bytes(String(expiration))
        }
        if !messageID.isEmpty {
            flags |= Int(AMQP_BASIC_MESSAGE_ID_FLAG)
            encoded.message_id = pool.bytes(messageID)
        }
        encoded._flags = amqp_flags_t(flags)
        return encoded
    }

    /// Bytes that surely hold it.
    var roomForC: Int {
        guard !headers.isEmpty else { return 1_600 }
        return headers.reduce(1_600) { $0 + $1.name.utf8.count + ($1.value.text?.utf8.count ?? 1_024) + 16 }
    }
}

extension amqp_basic_properties_t {
    func has(_ flag: Int32) -> Bool { _flags & amqp_flags_t(flag) != 0 }

    /// A copy of everything that is kept when the message is sent on.
    var copied: AMQPProperties { copied(with: copiedHeaders) }

    /// A copy of the headers.
    var copiedHeaders: AMQPTable { has(AMQP_BASIC_HEADERS_FLAG) ? AMQPTable(copying: headers) : [:] }

    /// The same with headers that were copied before.
    func copied(with headers: AMQPTable) -> AMQPProperties {
        var copy = AMQPProperties()
        copy.headers = headers
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) {
            // As nearly always: no memory is needed for that.
            let isJSON = content_type.buffer.elementsEqual(AMQPProperties.jsonType.utf8)
            copy.contentType = isJSON ? AMQPProperties.jsonType : content_type.text
        }
        copy.isPersistent = has(AMQP_BASIC_DELIVERY_MODE_FLAG) && delivery_mode == 2
        if has(AMQP_BASIC_PRIORITY_FLAG) { copy.priority = priority }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) { copy.correlationID = correlation_id.text }
        if has(AMQP_BASIC_REPLY_TO_FLAG) { copy.replyTo = reply_to.text }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { copy.expiration = Int64(expiration.text) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { copy.messageID = message_id.text }
        return copy
    }
}
