/// Where a gRPC service is, and how patient and how large it may be.
public struct GRPCOptions: Sendable {
    /// Where to listen, or where to connect: a host name or address.
    public var host: String
    /// The port. As a server, port 0 takes a free one.
    public var port: Int
    /// Encrypts the connection; nil: HTTP/2 without TLS, which both sides must know.
    public var tls: TLSOptions?

    // MARK: Both sides

    /// The longest message taken or sent, in bytes, as it is before it is compressed. Checked before memory is taken.
    public var maxMessageBytes = 4 << 20
    /// How messages leave, to peers that take them so. What comes compressed with gzip is always taken.
    public var compression = Compression.none
    /// The largest header list taken, counted as HTTP/2 does.
    public var maxHeaderBytes = 16 << 10
    /// A peer of which nothing has been heard for so long is sent a ping; nil: never. Peers of other kinds take offence
    /// at pings that come more often than every 5 minutes.
    public var keepaliveInterval: Duration? = .seconds(360)
    /// A peer that does not answer a ping within this time loses its connection.
    public var keepaliveTimeout: Duration = .seconds(20)
    /// A peer that takes nothing of what is written to it for so long loses its connection.
    public var writeTimeout: Duration = .seconds(30)

    // MARK: Server

    /// Connections served at once; further ones are closed.
    public var maxConnections = 16_384
    /// Calls of one connection that are open at once; peers are told, and wait with what comes beyond them.
    public var maxConcurrentStreams = 1_024
    /// Bytes that incomplete requests, and those being handled, may keep in memory for one connection. A request that
    /// would be the one too many while it is incomplete is refused; complete ones hold up those behind them. What
    /// compressed requests come to is bounded by as much beside that, and refused beyond it.
    public var maxInFlightBytesPerConnection = 32 << 20
    /// Bytes of answers that a peer has not made room for; further answers are refused with `RESOURCE_EXHAUSTED`.
    public var maxUnsentBytesPerConnection = 64 << 20
    /// A peer must have said that it speaks HTTP/2 within this time.
    public var handshakeTimeout: Duration = .seconds(10)
    /// A connection without a call for so long is told to go; nil: never.
    public var idleTimeout: Duration?
    /// Connections waiting to be accepted.
    public var backlog: Int32 = 1_024
    /// What `grpc.health.v1.Health` asks besides the application's own readiness.
    public var readiness: [any HealthIndicator] = []
    /// Whether server reflection tells what is served, as `grpcurl list` asks.
    public var servesReflection = true

    // MARK: Client

    /// Connections kept open to the server; calls are spread over them.
    public var connections = 1
    /// How long one try to connect may take, until the server has said that it speaks HTTP/2.
    public var connectTimeout: Duration = .seconds(3)
    /// The first wait before connecting again after a cut; doubles, and is spread at random.
    public var reconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var maxReconnectDelay: Duration = .seconds(5)
    /// Calls waiting for a reply; further ones fail with `overloaded`.
    public var maxPending = 65_536
    /// Bytes of requests waiting to be written on one connection; calls beyond them fail with `overloaded`.
    public var maxBufferedBytes = 16 << 20
    /// Items of a streaming reply that wait for their reader. As long as they are not taken, compressed ones hold up
    /// their server for what they were on the wire, not for what they have come to.
    public var streamWindow = 64

    /// Ways to make messages shorter.
    public enum Compression: Sendable {
        /// They leave as they are.
        case none
        /// Those of at least 1 KiB are compressed with gzip, unless that makes them longer. A server answers so those
        /// who say that they take it; a client says that it does, and calls so once the server has said the same.
        /// The event loop does the work: about 20 ms for a megabyte.
        case gzip
    }

    /// Options with the defaults above.
    public init(host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}
