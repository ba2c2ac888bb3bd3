/// Whether a TCP service can be reached: `try TCPHealth("orders", host: "orders", port: 4000)`.
///
/// Keeps one connection, which notices by itself when the other side is gone and comes back when it is there again, and
/// asks over it whether the service is at work, as ``ClientHealth`` does. For a service that is called anyway, give it
/// the client: its connections are used then.
public struct TCPHealth: HealthIndicator {
    private let client: ClientHealth

    /// What it is called in the report.
    public var name: String { client.name }

    /// An indicator that uses a client's connections. With `probes: false` it only reads them.
    public init(_ name: String, _ client: ClientProxy, probes: Bool = true) {
        self.client = ClientHealth(name, client, probes: probes)
    }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - options: Where the service is. Of the client's options only the number of connections is ignored.
    ///   - probes: False: nothing is sent, for services that speak something else.
    public init(_ name: String, _ options: TCPOptions, probes: Bool = true) throws(TransportError) {
        var options = options
        options.connections = 1
        self.init(name, try ClientProxy(.tcp(options), name: name), probes: probes)
    }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    public init(
        _ name: String, host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil, probes: Bool = true
    ) throws(TransportError) {
        try self.init(name, TCPOptions(host: host, port: port, tls: tls), probes: probes)
    }

    /// Reads the live connections, after an attempt to connect when they are not up, and asks.
    public func check() async throws -> HealthStatus { try await client.check() }
}
