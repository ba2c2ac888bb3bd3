import NIOSSL

/// Messages over gRPC: JSON inside the messages of `nest.proto`, so that any gRPC client can call a handler, and
/// `ClientProxy` can call services that speak the same.
///
/// Requests and their answers share connections, many in flight, answers in any order. Nothing is kept anywhere: an
/// event whose server dies is lost, so there are no retries and no dead letters. A call that the server has certainly not
/// begun, because it shuts down, is made again on another connection.
public struct GRPCTransport: Transport {
    /// How it is set.
    public let options: GRPCOptions

    /// A transport with its options. They are checked when a server or client is made.
    public init(_ options: GRPCOptions) { self.options = options }

    /// `"grpc"`
    public var name: String { "grpc" }

    /// Events arrive, replies may stream, unknown patterns are answered, no broker is between; nothing is durable.
    public var guarantees: Guarantees { [.events, .streaming, .unknownPatterns, .direct] }

    /// A server; it binds when started. Throws `invalid_configuration` for options that cannot work.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        try options.validate()
        let tls = try contexts(environment) { tls throws(TransportError) in try tls.serverContext(Self.speaksHTTP2) }
        return GRPCServer(options: options, tls: tls, dispatcher: dispatcher, environment: environment)
    }

    /// A client; it connects on first use. Throws `invalid_configuration` for options that cannot work.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try options.validate()
        let tls = try contexts(environment) { tls throws(TransportError) in try tls.clientContext(Self.speaksHTTP2) }
        return GRPCClient(options: options, tls: tls, environment: environment)
    }

    /// As RFC 9113 asks: ALPN `h2`, over TLS 1.2 at least.
    @Sendable private static func speaksHTTP2(_ configuration: inout TLSConfiguration) {
        configuration.applicationProtocols = ["h2"]
        configuration.minimumTLSVersion = .tlsv12
    }

    private func contexts(
        _ environment: TransportEnvironment, _ make: @escaping TLSContextSource.Make
    ) throws(TransportError) -> TLSContextSource? {
        guard let tls = options.tls else { return nil }
        return try TLSContextSource(tls, transport: name, logger: environment.logger, make: make)
    }
}

extension Transport where Self == GRPCTransport {
    /// gRPC on a host and port: `.grpc(port: 50051)`. As a server, port 0 takes a free one.
    public static func grpc(host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil) -> GRPCTransport {
        GRPCTransport(GRPCOptions(host: host, port: port, tls: tls))
    }

    /// gRPC with all its options.
    public static func grpc(_ options: GRPCOptions) -> GRPCTransport { GRPCTransport(options) }
}

extension ClientConfig {
    /// A client over gRPC, injected by its name.
    public static func grpc(
        _ name: String, host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil
    ) -> ClientConfig {
        ClientConfig(name, transport: GRPCTransport(GRPCOptions(host: host, port: port, tls: tls)))
    }

    /// A client over gRPC with all its options.
    public static func grpc(_ name: String, _ options: GRPCOptions) -> ClientConfig {
        ClientConfig(name, transport: GRPCTransport(options))
    }
}
