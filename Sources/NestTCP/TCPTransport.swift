/// Messages as lines of JSON over TCP: no broker, any peer that can write a line can talk to it.
///
/// Requests and their answers share a connection, many in flight, answers in any order. What is written to a socket is
/// not kept anywhere: an event whose server dies is lost, so there are no retries and no dead letters. A server that
/// shuts down serves what has reached its sockets; what is still under way then is lost too.
public struct TCPTransport: Transport {
    /// How it is set.
    public let options: TCPOptions

    /// A transport with its options. They are checked when a server or client is made.
    public init(_ options: TCPOptions) { self.options = options }

    /// `"tcp"`
    public var name: String { "tcp" }

    /// Events arrive, replies may stream, unknown patterns are answered, no broker is between; nothing is durable.
    public var guarantees: Guarantees { [.events, .streaming, .unknownPatterns, .direct] }

    /// A server; it binds when started. Throws `invalid_configuration` for options that cannot work.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        try options.validate()
        let tls = try contexts(environment) { tls throws(TransportError) in try tls.serverContext() }
        return TCPServer(options: options, tls: tls, dispatcher: dispatcher, environment: environment)
    }

    /// A client; it connects on first use. Throws `invalid_configuration` for options that cannot work.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try options.validate()
        let tls = try contexts(environment) { tls throws(TransportError) in try tls.clientContext() }
        return TCPClient(options: options, tls: tls, environment: environment)
    }

    private func contexts(
        _ environment: TransportEnvironment, _ make: @escaping TLSContextSource.Make
    ) throws(TransportError) -> TLSContextSource? {
        guard let tls = options.tls else { return nil }
        return try TLSContextSource(tls, transport: name, logger: environment.logger, make: make)
    }
}

extension Transport where Self == TCPTransport {
    /// TCP on a host and port: `.tcp(port: 4000)`. As a server, port 0 takes a free one.
    public static func tcp(host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil) -> TCPTransport {
        TCPTransport(TCPOptions(host: host, port: port, tls: tls))
    }

    /// TCP with all its options.
    public static func tcp(_ options: TCPOptions) -> TCPTransport { TCPTransport(options) }
}

extension ClientConfig {
    /// A client over TCP, injected by its name.
    public static func tcp(
        _ name: String, host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil
    ) -> ClientConfig {
        ClientConfig(name, transport: TCPTransport(TCPOptions(host: host, port: port, tls: tls)))
    }

    /// A client over TCP with all its options.
    public static func tcp(_ name: String, _ options: TCPOptions) -> ClientConfig {
        ClientConfig(name, transport: TCPTransport(options))
    }
}
