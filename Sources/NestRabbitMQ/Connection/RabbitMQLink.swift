/// Keeps one connection up.
typealias RabbitMQLink = BrokerLink<RabbitMQConnection>

extension BrokerLinkSettings {
    init(_ options: RabbitMQOptions) {
        self.init(
            transport: "rabbitmq", broker: "RabbitMQ", reconnectDelay: options.reconnectDelay,
            maxReconnectDelay: options.maxReconnectDelay, maxPending: options.maxPending,
            maxBufferedBytes: options.maxBufferedBytes)
        files = options.files
        fileCheckInterval = options.fileCheckInterval
    }
}
