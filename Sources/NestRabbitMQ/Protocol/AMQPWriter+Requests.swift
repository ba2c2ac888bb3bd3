import CRabbitMQ
import NIOCore

/// What channels and connections are asked.
extension AMQPWriter {
    mutating func request(_ request: AMQPRequest, channel: UInt16) {
        defer { pool.recycle() }
        switch request {
        case .openChannel: method(UInt32(AMQP_CHANNEL_OPEN_METHOD), amqp_channel_open_t(), channel: channel)
        case .closeChannel: closeChannel(channel)
        case .declareExchange(let exchange): declare(exchange, channel)
        case .declareQueue(let queue): declare(queue, channel)
        case .inspectQueue(let name): inspect(name, channel)
        case .deleteQueue(let name):
            var encoded = amqp_queue_delete_t()
            encoded.queue = pool.bytes(name)
            method(UInt32(AMQP_QUEUE_DELETE_METHOD), encoded, channel: channel)
        case .purgeQueue(let name):
            var encoded = amqp_queue_purge_t()
            encoded.queue = pool.bytes(name)
            method(UInt32(AMQP_QUEUE_PURGE_METHOD), encoded, channel: channel)
        case .bind(let binding): bind(binding, channel)
        case .unbind(let binding): unbind(binding, channel)
        case .prefetch(let count):
            var encoded = amqp_basic_qos_t()
            encoded.prefetch_count = UInt16(clamping: count)
            method(UInt32(AMQP_BASIC_QOS_METHOD), encoded, channel: channel)
        case .consume(let queue, let tag, let acknowledges, let isExclusive):
            var encoded = amqp_basic_consume_t()
            encoded.queue = pool.bytes(queue)
            encoded.consumer_tag = pool.bytes(tag)
            encoded.no_ack = acknowledges ? 0 : 1
            encoded.exclusive = isExclusive ? 1 : 0
            method(UInt32(AMQP_BASIC_CONSUME_METHOD), encoded, channel: channel)
        case .cancel(let tag):
            var encoded = amqp_basic_cancel_t()
            encoded.consumer_tag = pool.bytes(tag)
            method(UInt32(AMQP_BASIC_CANCEL_METHOD), encoded, channel: channel)
        case .selectConfirms:
            method(UInt32(AMQP_CONFIRM_SELECT_METHOD), amqp_confirm_select_t(), channel: channel)
        case .get(let queue):
            var encoded = amqp_basic_get_t()
            encoded.queue = pool.bytes(queue)
            method(UInt32(AMQP_BASIC_GET_METHOD), encoded, channel: channel)
        }
    }

    private mutating func declare(_ exchange: ExchangeDeclaration, _ channel: UInt16) {
        var encoded = amqp_exchange_declare_t()
        encoded.exchange = pool.bytes(exchange.name)
        encoded.type = pool.bytes(exchange.kind.rawValue)
        encoded.durable = 1
        encoded.arguments = pool.table(exchange.arguments)
        method(UInt32(AMQP_EXCHANGE_DECLARE_METHOD), encoded, channel: channel)
    }

    private mutating func declare(_ queue: QueueDeclaration, _ channel: UInt16) {
        var encoded = amqp_queue_declare_t()
        encoded.queue = pool.bytes(queue.name)
        encoded.durable = queue.isDurable ? 1 : 0
        encoded.exclusive = queue.isExclusive ? 1 : 0
        encoded.auto_delete = queue.isExclusive ? 1 : 0
        encoded.arguments = pool.table(queue.arguments)
        method(UInt32(AMQP_QUEUE_DECLARE_METHOD), encoded, channel: channel, room: 4_096)
    }

    private mutating func inspect(_ name: String, _ channel: UInt16) {
        var encoded = amqp_queue_declare_t()
        encoded.queue = pool.bytes(name)
        encoded.passive = 1
        method(UInt32(AMQP_QUEUE_DECLARE_METHOD), encoded, channel: channel)
    }

    private mutating func bind(_ binding: BindingDeclaration, _ channel: UInt16) {
        var encoded = amqp_queue_bind_t()
        encoded.queue = pool.bytes(binding.queue)
        encoded.exchange = pool.bytes(binding.exchange)
        encoded.routing_key = pool.bytes(binding.key)
        method(UInt32(AMQP_QUEUE_BIND_METHOD), encoded, channel: channel)
    }

    private mutating func unbind(_ binding: BindingDeclaration, _ channel: UInt16) {
        var encoded = amqp_queue_unbind_t()
        encoded.queue = pool.bytes(binding.queue)
        encoded.exchange = pool.bytes(binding.exchange)
        encoded.routing_key = pool.bytes(binding.key)
        method(UInt32(AMQP_QUEUE_UNBIND_METHOD), encoded, channel: channel)
    }

    private mutating func closeChannel(_ channel: UInt16) {
        var encoded = amqp_channel_close_t()
        encoded.reply_code = 200
        encoded.reply_text = pool.bytes("done")
        method(UInt32(AMQP_CHANNEL_CLOSE_METHOD), encoded, channel: channel)
    }
}

/// What is sent without waiting for an answer.
extension AMQPWriter {
    mutating func acknowledge(_ tag: UInt64, multiple: Bool, channel: UInt16) {
        var encoded = amqp_basic_ack_t()
        encoded.delivery_tag = tag
        encoded.multiple = multiple ? 1 : 0
        method(UInt32(AMQP_BASIC_ACK_METHOD), encoded, channel: channel, room: 64)
    }

    /// Gives a delivery back: to the queue, or to where it sends what was refused.
    mutating func reject(_ tag: UInt64, requeue: Bool, channel: UInt16) {
        var encoded = amqp_basic_reject_t()
        encoded.delivery_tag = tag
        encoded.requeue = requeue ? 1 : 0
        method(UInt32(AMQP_BASIC_REJECT_METHOD), encoded, channel: channel, room: 64)
    }

    mutating func channelClosed(_ channel: UInt16) {
        method(UInt32(AMQP_CHANNEL_CLOSE_OK_METHOD), amqp_channel_close_ok_t(), channel: channel)
    }

    mutating func flowing(_ isActive: Bool, channel: UInt16) {
        var encoded = amqp_channel_flow_ok_t()
        encoded.active = isActive ? 1 : 0
        method(UInt32(AMQP_CHANNEL_FLOW_OK_METHOD), encoded, channel: channel)
    }

    mutating func closeConnection() {
        var encoded = amqp_connection_close_t()
        encoded.reply_code = 200
        encoded.reply_text = pool.bytes("done")
        method(UInt32(AMQP_CONNECTION_CLOSE_METHOD), encoded, channel: 0)
        pool.recycle()
    }

    mutating func connectionClosed() {
        method(UInt32(AMQP_CONNECTION_CLOSE_OK_METHOD), amqp_connection_close_ok_t(), channel: 0)
    }
}
