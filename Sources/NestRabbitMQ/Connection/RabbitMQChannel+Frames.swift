import CRabbitMQ
import NIOCore

/// From the frames of a channel to answers and messages.
extension RabbitMQChannel {
    func receive(_ method: UInt32, _ arguments: ByteBuffer) {
        switch method {
        case UInt32(AMQP_BASIC_DELIVER_METHOD), UInt32(AMQP_BASIC_RETURN_METHOD), UInt32(AMQP_BASIC_GET_OK_METHOD):
            content = Content(method: method, arguments: arguments)
        case UInt32(AMQP_BASIC_ACK_METHOD): confirmed(arguments)
        case UInt32(AMQP_BASIC_NACK_METHOD): refused(arguments)
        case UInt32(AMQP_BASIC_CANCEL_METHOD): owner.cancelled?()
        case UInt32(AMQP_CHANNEL_CLOSE_METHOD): closed(arguments)
        case UInt32(AMQP_CHANNEL_CLOSE_OK_METHOD):
            connection.channels[number] = nil
            answer(.done)
            end(TransportError(.closed, "the channel was closed"))
        case UInt32(AMQP_CHANNEL_FLOW_METHOD):
            connection.writer.flowing(true, channel: number)
            connection.flushSoon()
        case UInt32(AMQP_QUEUE_DECLARE_OK_METHOD): declared(arguments)
        case UInt32(AMQP_BASIC_GET_EMPTY_METHOD): answer(.message(nil))
        default: answer(.done)
        }
    }

    private func declared(_ arguments: ByteBuffer) {
        let state = decode(UInt32(AMQP_QUEUE_DECLARE_OK_METHOD), arguments, as: amqp_queue_declare_ok_t.self) {
            QueueState(name: $0.queue.text, messages: Int($0.message_count), consumers: Int($0.consumer_count))
        }
        answer(state.map { .queue($0) } ?? .done)
    }

    private func confirmed(_ arguments: ByteBuffer) {
        let ack = decode(UInt32(AMQP_BASIC_ACK_METHOD), arguments, as: amqp_basic_ack_t.self) { $0 }
        if let ack { owner.confirmed?(ack.delivery_tag, ack.multiple != 0, true) }
    }

    private func refused(_ arguments: ByteBuffer) {
        let nack = decode(UInt32(AMQP_BASIC_NACK_METHOD), arguments, as: amqp_basic_nack_t.self) { $0 }
        if let nack { owner.confirmed?(nack.delivery_tag, nack.multiple != 0, false) }
    }

    /// The broker has closed the channel: what was asked last is why, unless nothing was.
    private func closed(_ arguments: ByteBuffer) {
        let asked = questions.popFirst()
        let reason = decode(UInt32(AMQP_CHANNEL_CLOSE_METHOD), arguments, as: amqp_channel_close_t.self) {
            TransportError(refusing: asked?.request.summary, code: Int($0.reply_code), $0.reply_text.text)
        }
        let error = reason ?? TransportError(.disconnected, "the broker closed a channel")
        connection.writer.channelClosed(number)
        connection.flushSoon()
        connection.channels[number] = nil
        asked?.patience.cancel()
        asked?.answer(.failure(error))
        end(error)
    }

    private func decode<Method, Result>(
        _ method: UInt32, _ arguments: ByteBuffer, as type: Method.Type, _ body: (Method) -> Result
    ) -> Result? {
        defer { connection.pool.recycle() }
        return connection.decode(method, arguments, as: type, body)
    }
}

// MARK: - Messages

extension RabbitMQChannel {
    private static let headerSize = 12

    /// How large the message is, and what stands beside it.
    func receiveHeader(_ payload: ByteBuffer) {
        guard content != nil, let size = payload.getInteger(at: payload.readerIndex + 4, as: UInt64.self)
        else { return }
        var properties = payload
        properties.moveReaderIndex(forwardBy: Self.headerSize)
        content?.header = properties
        content?.missing = Int(clamping: size)
        content?.isTooLarge = size > UInt64(connection.maxMessageBytes)
        if size == 0 { complete() }
    }

    func receiveBody(_ payload: ByteBuffer) {
        guard let missing = content?.missing, missing >= payload.readableBytes else {
            return connection.end(TransportError(reading: connection.address, .malformed))
        }
        content?.missing = missing - payload.readableBytes
        if content?.isTooLarge == false {
            // One frame, as nearly always: the bytes stay where they were read.
            if content?.body.readableBytes == 0 {
                content?.body = payload
            } else {
                content?.body.writeImmutableBuffer(payload)
            }
        }
        if missing == payload.readableBytes { complete() }
    }

    /// All of a message is there.
    private func complete() {
        guard let content else { return }
        self.content = nil
        defer { connection.pool.recycle() }
        content.header.withUnsafeReadableBytes { header in
            guard let properties = connection.pool.properties(header) else {
                return connection.end(TransportError(reading: connection.address, .malformed))
            }
            content.arguments.withUnsafeReadableBytes { hand(content, $0, properties) }
        }
    }

    private func hand(_ content: Content, _ arguments: UnsafeRawBufferPointer, _ properties: amqp_basic_properties_t) {
        let body = content.isTooLarge ? nil : content.body
        let pool = connection.pool
        switch content.method {
        case UInt32(AMQP_BASIC_DELIVER_METHOD):
            pool.withMethod(content.method, arguments, as: amqp_basic_deliver_t.self) {
                owner.delivered?(
                    AMQPDelivery(
                        tag: $0.delivery_tag, isRedelivered: $0.redelivered != 0, exchange: $0.exchange,
                        routingKey: $0.routing_key, properties: properties, body: body))
            }
        case UInt32(AMQP_BASIC_RETURN_METHOD):
            pool.withMethod(content.method, arguments, as: amqp_basic_return_t.self) {
                owner.returned?(AMQPReturn(code: Int($0.reply_code), text: $0.reply_text, properties: properties))
            }
        default:
            let message = pool.withMethod(content.method, arguments, as: amqp_basic_get_ok_t.self) {
                AMQPMessage(
                    tag: $0.delivery_tag, isRedelivered: $0.redelivered != 0, exchange: $0.exchange.text,
                    routingKey: $0.routing_key.text, properties: properties.copied, body: body ?? ByteBuffer())
            }
            answer(.message(message))
        }
    }
}
