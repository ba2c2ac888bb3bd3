/// What a ``BrokerLink`` is told about its broker and its bounds.
@usableFromInline
package struct BrokerLinkSettings: Sendable {
    /// The transport's name in logs and metrics: `nats`.
    package var transport: String
    /// The broker's name in errors: `NATS`.
    package var broker: String
    /// The first wait before another attempt, and the longest.
    package var reconnectDelay: Duration
    package var maxReconnectDelay: Duration
    /// Calls that may wait for a connection.
    package var maxPending: Int
    /// Bytes of events that may wait for a connection.
    package var maxBufferedBytes: Int
    /// Files with secrets and certificates: after a change another connection takes over.
    package var files: [String] = []
    /// How often they are looked at.
    package var fileCheckInterval: Duration = .seconds(1)

    package init(
        transport: String, broker: String, reconnectDelay: Duration, maxReconnectDelay: Duration, maxPending: Int,
        maxBufferedBytes: Int
    ) {
        self.transport = transport
        self.broker = broker
        self.reconnectDelay = reconnectDelay
        self.maxReconnectDelay = maxReconnectDelay
        self.maxPending = maxPending
        self.maxBufferedBytes = maxBufferedBytes
    }
}
