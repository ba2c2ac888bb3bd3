import NIOCore

/// One delivery of the broker. A handler finds it by `context.metadata(as: RabbitMQDelivery.self)`.
public final class RabbitMQDelivery: Sendable {
    /// The queue it came from.
    public let queue: String
    /// The exchange it was published to; empty for what was sent to the queue itself.
    public let exchange: String
    /// The routing key it was published with.
    public let routingKey: String
    /// How often it was delivered before without being acknowledged; a classic queue only knows whether.
    public let redeliveries: Int
    /// A name that stays the same over redeliveries; empty when its sender gave none.
    public var messageID: String { properties.messageID }

    @usableFromInline package let id: RabbitMQDeliveryID
    /// Messages of the same key wait for each other.
    @usableFromInline package let key: String?
    /// Everything that came beside the body, to be sent on with it.
    let properties: AMQPProperties
    let body: ByteBuffer
    let role: ServicePlan.Role
    /// Where it is acknowledged, while the channel is there.
    let consumer: RabbitMQConsumer
    let arrival = NIODeadline.now()

    init(
        _ message: AMQPDelivery, _ headers: AMQPTable, key: String?, _ consumer: RabbitMQConsumer, redeliveries: Int
    ) {
        queue = consumer.queue
        exchange = message.exchange.text
        routingKey = message.routingKey.text
        self.redeliveries = redeliveries
        id = RabbitMQDeliveryID(
            connection: consumer.connectionNumber, channel: consumer.channel.number, tag: message.tag)
        self.key = key
        properties = message.properties.copied(with: headers)
        body = message.body ?? ByteBuffer()
        role = consumer.role
        self.consumer = consumer
    }

}

extension RabbitMQDelivery: BrokerDelivery {
    /// Where its answer goes, and under which id: AMQP's own fields, or those of the envelope that peers of wire revision
    /// 1 send. Nil when nobody waits for one.
    func answerAddress(_ message: IncomingMessage) -> (queue: String, id: String)? {
        let (own, envelopes) = (properties.correlationID, message.correlationID ?? "")
        guard properties.replyTo.isEmpty else { return Self.address(properties.replyTo, own.isEmpty ? envelopes : own) }
        return Self.address(message.reply ?? "", envelopes.isEmpty ? own : envelopes)
    }

    private static func address(_ queue: String, _ id: String) -> (queue: String, id: String)? {
        guard !queue.isEmpty, queue.utf8.count <= RabbitMQNames.keyLimit else { return nil }
        return (queue, id.utf8.count <= RabbitMQNames.keyLimit ? id : "")
    }
}

/// What tells a delivery from all others: numbers begin anew with each channel.
@usableFromInline
package struct RabbitMQDeliveryID: Hashable, Sendable {
    let connection: UInt64
    let channel: UInt16
    let tag: UInt64
}
