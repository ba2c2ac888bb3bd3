/// Where a TCP service is, and how patient and how large it may be.
public struct TCPOptions: Sendable {
    /// Where to listen, or where to connect.
    public var address: TCPAddress
    /// Encrypts the connection; nil: plain text.
    public var tls: TLSOptions?

    // MARK: Both sides

    /// The longest line taken or sent, in bytes. Checked before memory is taken.
    public var maxFrameBytes = 8 << 20
    /// A peer that has begun a line must finish it within this time, or loses its connection.
    public var readTimeout: Duration = .seconds(30)
    /// A peer that takes nothing of what is written to it for so long loses its connection.
    public var writeTimeout: Duration = .seconds(30)

    // MARK: Server

    /// Connections served at once; further ones are answered `overloaded` and closed.
    public var maxConnections = 16_384
    /// Messages of one connection handled at once; what comes beyond them stays in its socket.
    public var maxInFlightPerConnection = 256
    /// Bytes that messages being handled on one connection keep in memory; beyond them nothing more is read from it.
    /// One message is always taken.
    public var maxInFlightBytesPerConnection = 32 << 20
    /// A connection without any traffic for so long is closed; nil: never.
    public var idleTimeout: Duration?
    /// Connections waiting to be accepted.
    public var backlog: Int32 = 1_024

    // MARK: Client

    /// Connections kept open to the server; calls are spread over them.
    public var connections = 2
    /// How long one try to connect may take.
    public var connectTimeout: Duration = .seconds(3)
    /// The first wait before connecting again after a cut; doubles, and is spread at random.
    public var reconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var maxReconnectDelay: Duration = .seconds(5)
    /// Calls waiting for a reply on one connection; further ones fail with `overloaded`.
    public var maxPending = 65_536
    /// Bytes waiting to be written on one connection; calls beyond them fail with `overloaded`.
    public var maxBufferedBytes = 16 << 20
    /// Items of a streaming reply the server may send ahead of the reader.
    public var streamWindow = 64

    /// Options with the defaults above.
    public init(address: TCPAddress, tls: TLSOptions? = nil) {
        self.address = address
        self.tls = tls
    }

    /// Options for a host and a port.
    public init(host: String = "127.0.0.1", port: Int, tls: TLSOptions? = nil) {
        self.init(address: .host(host, port: port), tls: tls)
    }

    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "TCP options: \(what)") }
        }
        if case .host(let host, let port) = address.place {
            try check(!host.isEmpty, "host is empty")
            try check((0...65_535).contains(port), "port \(port) is none")
        }
        try check((64...(1 << 30)).contains(maxFrameBytes), "maxFrameBytes must be between 64 and 1 GiB")
        try check(maxConnections > 0, "maxConnections must be positive")
        try check(maxInFlightPerConnection > 0, "maxInFlightPerConnection must be positive")
        try check(maxInFlightBytesPerConnection > 0, "maxInFlightBytesPerConnection must be positive")
        try check(idleTimeout.map { $0 > .zero } ?? true, "idleTimeout must be positive")
        try check(backlog > 0, "backlog must be positive")
        try check(connections > 0 && connections <= 1_024, "connections must be between 1 and 1,024")
        try check(maxPending > 0, "maxPending must be positive")
        try check(maxBufferedBytes > 0, "maxBufferedBytes must be positive")
        try check(reconnectDelay > .zero, "reconnectDelay must be positive")
        try check(maxReconnectDelay >= reconnectDelay, "maxReconnectDelay must not be less than reconnectDelay")
        try check(streamWindow > 0, "streamWindow must be positive")
        try check(connectTimeout > .zero, "connectTimeout must be positive")
        try check(readTimeout > .zero && writeTimeout > .zero, "timeouts must be positive")
    }
}
