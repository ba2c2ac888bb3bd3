/// Keeps one session with the brokers up.
typealias KafkaLink = BrokerLink<KafkaSession>

extension BrokerLinkSettings {
    init(_ options: KafkaOptions) {
        self.init(
            transport: "kafka", broker: "Kafka", reconnectDelay: options.reconnectDelay,
            maxReconnectDelay: options.maxReconnectDelay, maxPending: options.maxPending,
            maxBufferedBytes: options.maxBufferedBytes)
        files = options.connection.files
        fileCheckInterval = options.fileCheckInterval
    }
}

extension KafkaConnector {
    /// A session that has found the brokers, with the topics it needs.
    func session(_ specs: [KafkaTopicSpec], metrics: KafkaMetrics?) async throws(TransportError) -> KafkaSession {
        let (producer, trouble) = try await producer(metrics)
        let session = KafkaSession(producer, trouble, self)
        let topics = KafkaTopics(handle: producer.handle, options: options.topics, timeout: options.operationTimeout)
        do throws(TransportError) {
            try await DedicatedThread.blocking { () throws(TransportError) in try topics.provide(specs) }
            return session
        } catch {
            await session.close()
            throw error
        }
    }
}
