public import Logging
public import NIOCore
public import NIOSSL
public import NestJSON

/// How an HTTP front behaves.
public struct HTTPOptions: Sendable {
    /// The application's name in logs.
    public var name: String
    /// The address to listen on. `0.0.0.0` and `::` are every address of the machine.
    public var host: String
    /// The port to listen on; 0 takes a free one, see `NestApplication.endpoints`.
    public var port: Int
    /// Put before the path of every controller's route: `"api"` makes `/orders` `/api/orders`.
    public var prefix = ""
    /// The longest body of a request, in bytes. Longer ones are refused with 413 before they are read, or as soon as
    /// they turn out to be longer. A handler's own limit goes before it.
    public var maxBodySize = 1 << 20
    /// How long a handler may take from the request's head to the beginning of its answer. After that the caller gets
    /// 504, or 408 when its own body has not arrived yet; the handler's task is cancelled and the connection closed.
    public var requestTimeout: Duration = .seconds(30)
    /// How long a connection may be open without a request, and how long a peer may stop reading its answer.
    public var idleTimeout: Duration = .seconds(60)
    /// How long a request's head may take from its first byte to its last.
    public var headerTimeout: Duration = .seconds(10)
    /// The most bytes in a request's head; more is answered with 431.
    public var maxHeaderSize = 16 << 10
    /// The most fields in a request's head; more is answered with 431.
    public var maxHeaderCount = 100
    /// The most connections at once. Further ones wait in the system's queue.
    public var maxConnections = 10_000
    /// How many connections may wait in the system's queue.
    public var backlog = 512
    /// How long running handlers may take to finish at shutdown. Those that take longer are cancelled.
    public var shutdownTimeout: Duration = .seconds(10)
    /// How long the application goes on serving at shutdown after readiness has turned 503, so that load balancers take
    /// notice. On Kubernetes, say, five seconds.
    public var drainDelay: Duration = .zero
    /// What browsers of other origins may do; nil: nothing.
    public var cors: CORSOptions?
    /// Which answers are compressed for peers that ask for it; nil: none.
    public var compression: CompressionOptions?
    /// How JSON bodies are decoded and encoded.
    public var codec = JSONCodec.default
    /// What it logs with; nil: a logger labelled `nest` with the application's name.
    public var logger: Logger?
    /// Where its sockets live; nil: the group that all clients and servers of the process share.
    public var eventLoopGroup: (any EventLoopGroup)?
    /// Serves HTTPS with these settings; nil: HTTP.
    public var tls: TLSConfiguration?
    /// Whether the application's global guards, interceptors, pipes and filters stand around its routes too.
    public var inheritsGlobals = true

    /// The defaults above, on a port.
    public init(name: String = "default", host: String = "127.0.0.1", port: Int = 3000) {
        self.name = name
        self.host = host
        self.port = port
    }
}

extension HTTPOptions {
    var resolvedLogger: Logger {
        if let logger { return logger }
        var made = Logger(label: "nest")
        made[metadataKey: LogKey.service] = .string(name)
        return made
    }

    func validate() throws(TransportError) {
        try check(maxBodySize >= 0, "maxBodySize must not be negative")
        try check(maxConnections > 0, "maxConnections must be positive, not \(maxConnections)")
        try check(maxHeaderSize >= 256, "maxHeaderSize must be at least 256 bytes")
        try check(maxHeaderCount > 0, "maxHeaderCount must be positive")
        try check((0...65_535).contains(port), "port must be between 0 and 65535, not \(port)")
        for (name, value) in [
            ("requestTimeout", requestTimeout), ("idleTimeout", idleTimeout), ("headerTimeout", headerTimeout),
        ] {
            try check(value > .zero && value <= .seconds(86_400), "\(name) must be between zero and a day")
        }
        for (name, value) in [("shutdownTimeout", shutdownTimeout), ("drainDelay", drainDelay)] {
            try check(value >= .zero && value <= .seconds(86_400), "\(name) must be between zero and a day")
        }
    }

    private func check(_ isRight: Bool, _ problem: String) throws(TransportError) {
        guard isRight else { throw TransportError(.invalidConfiguration, problem) }
    }
}
