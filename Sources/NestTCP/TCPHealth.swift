/// Whether a TCP service can be reached: `try TCPHealth("orders", host: "orders", port: 4000)`.
///
/// Keeps one connection, which notices by itself when the other side is gone and comes back when it is there again;
/// nothing is sent over it. For a service that is called anyway, give it the client: its connections are read then.
public struct TCPHealth: HealthIndicator {
    private let client: ClientHealth

    /// What it is called in the report.
    public var name: String { client.name }

    /// An indicator that reads a client's connections.
    public init(_ name: String, _ client: ClientProxy) { self.client = ClientHealth(name, client) }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - options: Where the service is. Of the client's options only the number of connections is ignored.
    public init(_ name: String, _ options: TCPOptions) throws(TransportError) {
        var options = options
        options.connections = 1
        self.init(name, try ClientProxy(.tcp(options), name: name))
    }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    public init(
        _ name: String, host: String = "127.0.0.1", port: Int, tls: TCPTLSOptions? = nil
    ) throws(TransportError) {
        try self.init(name, TCPOptions(host: host, port: port, tls: tls))
    }

    /// Reads the live connections, after an attempt to connect when they are not up.
    public func check() async throws -> HealthStatus { try await client.check() }
}
