public import NIOCore
public import ServiceLifecycle

/// A way to carry messages, as a value: `.tcp(port: 4000)`, `.nats(url: …)`. Makes servers and clients.
public protocol Transport: Sendable {
    /// A short constant name, `"tcp"`: in logs, metrics and health.
    var name: String { get }
    /// What this configuration promises.
    var guarantees: Guarantees { get }
    /// Makes a server that hands what arrives to the dispatcher. Throws when the options cannot work; connects nothing.
    func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer
    /// Makes a client. Throws when the options cannot work; connects nothing.
    func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient
}

/// The receiving side of a transport.
///
/// The application calls ``start()`` until it succeeds (see ``StartupPolicy``), then ``run()`` once.
public protocol MicroserviceServer: Service, HealthReporting {
    /// Listens or subscribes. When it returns, a caller that connects now is served. May be called again after a throw.
    func start() async throws(TransportError)
    /// Where callers find it, once it has started; nil for a server that listens to a broker.
    var endpoint: Endpoint? { get }
    /// Serves until graceful shutdown or cancellation; comes back by itself after every cut.
    ///
    /// Graceful shutdown stops taking messages, lets running handlers finish within the environment's
    /// `shutdownTimeout`, sends their answers and acknowledgements, then closes. Cancellation closes now.
    func run() async throws
}

/// The sending side of a transport. Connects on first use, or by ``connect()``; comes back by itself after every cut.
public protocol TransportClient: HealthReporting {
    /// Connects, so that the first call need not. Does nothing when connected.
    func connect() async throws(TransportError)
    /// Sends a request and returns the reply. Settles by the message's deadline, at once when the connection is lost.
    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload
    /// Sends a request for a stream. Leaving the stream cancels it on the other side.
    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream
    /// Sends an event; returns when the transport has taken responsibility for it.
    func emit(_ message: OutgoingMessage) async throws(TransportError)
    /// Fails what is pending with ``TransportError/Code/closed`` and lets go of every connection. Later calls fail.
    func close() async
}

/// What a transport is given by the application it works for.
public struct TransportEnvironment: Sendable {
    /// For what happens beside any call: connects, cuts, refused peers.
    public var logger: Logger
    /// Sockets live on it. One group serves all clients and servers of a process.
    public var eventLoopGroup: any EventLoopGroup
    /// Messages handled at once by one server; the rest stay with the peer or the broker.
    public var maxInFlight: Int
    /// How long running handlers may take to finish at shutdown.
    public var shutdownTimeout: Duration
    /// For transports that deliver again.
    public var deliveryPolicy: DeliveryPolicy
    /// The name of the service's queue of requests; instances of the same service share it.
    public var queue: String
    /// The service's identity for events: each group gets each event once.
    public var group: String
    /// Whether the application wants to be called, for transports whose peers ask; nil without an application.
    package var readiness: (@Sendable () -> HealthStatus)?

    /// An environment with the framework's defaults.
    public init(
        logger: Logger, eventLoopGroup: any EventLoopGroup, maxInFlight: Int = 256,
        shutdownTimeout: Duration = .seconds(10), deliveryPolicy: DeliveryPolicy = DeliveryPolicy(),
        queue: String = "default", group: String? = nil
    ) {
        self.logger = logger
        self.eventLoopGroup = eventLoopGroup
        self.maxInFlight = maxInFlight
        self.shutdownTimeout = shutdownTimeout
        self.deliveryPolicy = deliveryPolicy
        self.queue = queue
        self.group = group ?? queue
    }
}
