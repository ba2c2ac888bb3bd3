/// Arguments of queues, as RabbitMQ names them.
enum QueueArgument {
    static let type = "x-queue-type"
    static let deliveryLimit = "x-delivery-limit"
    static let deadLetterExchange = "x-dead-letter-exchange"
    static let deadLetterKey = "x-dead-letter-routing-key"
    static let deadLetterStrategy = "x-dead-letter-strategy"
    static let overflow = "x-overflow"
    static let messageTTL = "x-message-ttl"
    static let maxLength = "x-max-length"
    static let maxBytes = "x-max-length-bytes"
    static let maxPriority = "x-max-priority"
    static let singleActiveConsumer = "x-single-active-consumer"
}
