import NestMessaging

/// Keeps one connection to the servers of a cluster up.
typealias NatsLink = BrokerLink<NatsConnection>

extension NatsConnection: BrokerConnection {
    var summary: String { address.description }
}

extension BrokerLink where Connection == NatsConnection {
    convenience init(
        connector: NatsConnector, loop: PollLoop, notices: NatsNotices, environment: TransportEnvironment, owner: Owner
    ) {
        let options = connector.options
        let servers = NatsServers(connector.addresses)
        var settings = BrokerLinkSettings(
            transport: "nats", broker: "NATS", reconnectDelay: options.reconnectDelay,
            maxReconnectDelay: options.maxReconnectDelay, maxPending: options.maxPending,
            maxBufferedBytes: options.maxBufferedBytes)
        settings.files = connector.files
        settings.fileCheckInterval = options.fileCheckInterval
        self.init(settings, environment: environment, owner: owner) { () throws(TransportError) in
            let connection = try await connector.connect(on: loop, trying: servers.addresses, notices: notices)
            servers.note(connection)
            return connection
        }
    }
}
