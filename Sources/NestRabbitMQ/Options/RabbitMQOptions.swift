/// Where the RabbitMQ brokers are, who we are there, what the queues are like, and how patient everything may be.
public struct RabbitMQOptions: Sendable {
    /// URLs such as `amqp://10.0.0.1:5672/shop` or `amqps://rabbit.example`, tried in order; the first that takes us is
    /// used. The nodes of a cluster are named one by one.
    public var servers: [String]
    /// Encrypts the connections; nil: only where a URL says `amqps://`, with the system's authorities.
    public var tls: RabbitMQTLSOptions?
    /// Who we are; nil: what a URL carries (`amqp://user:password@host`), or `guest`.
    public var credentials: RabbitMQCredentials?
    /// The virtual host; nil: what a URL names, or `/`.
    public var virtualHost: String?
    /// What the broker calls our connections in its management.
    public var name = "swift-nest"
    /// What the names of exchanges and queues begin with: `nest.events`, `nest.orders`.
    public var prefix = "nest"
    /// The service that a client calls: the `queue` of its `MicroserviceOptions`, or its name. A service knows its own.
    public var service = "default"
    /// The queue where requests wait, as its name stands on the broker. Nil: the prefix, a dot and the service's queue.
    /// Peers of wire revision 1 use `nestrs.micro`.
    public var queue: String?
    /// Sends events to ``queue`` too, as services of wire revision 1 want them, instead of publishing them to every
    /// group.
    public var sendsEventsToQueue = false
    /// What the queues of a service are like.
    public var queues = RabbitMQQueueOptions()

    // MARK: Both sides

    /// How long one try to connect may take, the TLS handshake and the login included.
    public var connectTimeout: Duration = .seconds(5)
    /// How long the broker may take to answer what it is asked, such as declaring a queue.
    public var operationTimeout: Duration = .seconds(15)
    /// The first wait before connecting again after a cut; doubles, and is spread at random.
    public var reconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var maxReconnectDelay: Duration = .seconds(5)
    /// How often either side says that it is there; two that do not come are a cut. The broker may want it more often.
    public var heartbeat: Duration = .seconds(20)
    /// How often files that hold secrets and certificates are looked at. When one was exchanged, a connection with what
    /// stands in it now takes over from the old one, and nothing that is under way is lost: streams may go on over the
    /// old one for half a minute, then they end with `disconnected`. An event that every instance gets may come twice at
    /// that moment.
    public var fileCheckInterval: Duration = .seconds(1)
    /// How long streams may go on over a connection that another one has taken over from.
    var streamPatience: Duration = .seconds(30)
    /// Bytes that wait to be written, or for a connection. Beyond them calls fail with `overloaded`.
    public var maxBufferedBytes = 16 << 20
    /// Bytes of a message that is taken. A larger event goes to the dead letters unseen, a larger request is refused.
    public var maxMessageBytes = 16 << 20
    /// Messages sent and not confirmed by the broker yet. Further ones wait.
    public var confirmWindow = 1_024

    // MARK: Client

    /// Calls waiting for a reply or a confirmation; further ones fail with `overloaded`.
    public var maxPending = 65_536
    /// Items of a streaming reply the service may send ahead of the reader.
    public var streamWindow = 64
    /// An event that no queue is bound for fails with `no_responders`; false: it is gone, as on a broadcast that nobody
    /// listens to.
    public var failsUnroutableEvents = true

    /// Options with the defaults above.
    public init(servers: [String] = ["amqp://127.0.0.1:5672"]) { self.servers = servers }

    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "RabbitMQ options: \(what)") }
        }
        try check(!servers.isEmpty, "servers is empty")
        for address in try addresses() {
            try check(
                credentials?.isCertificate != true || address.isTLS || tls != nil,
                "a certificate as credentials needs TLS: write amqps:// or set `tls`")
        }
        if let problem = RabbitMQNames.problem(of: prefix) { try check(false, "prefix \(problem)") }
        if let queue, let problem = RabbitMQNames.problem(of: queue) { try check(false, "queue \(problem)") }
        try check(connectTimeout >= .milliseconds(1), "connectTimeout must be a millisecond or more")
        try check(operationTimeout >= .milliseconds(1), "operationTimeout must be a millisecond or more")
        try check(reconnectDelay > .zero, "reconnectDelay must be positive")
        try check(maxReconnectDelay >= reconnectDelay, "maxReconnectDelay must not be less than reconnectDelay")
        try check(heartbeat >= .seconds(1) && heartbeat <= .seconds(3_600), "heartbeat must be 1 to 3600 seconds")
        try check(fileCheckInterval >= .milliseconds(1), "fileCheckInterval must be a millisecond or more")
        try check(maxBufferedBytes > 0 && maxMessageBytes > 0, "maxBufferedBytes and maxMessageBytes must be positive")
        try check((1...65_536).contains(confirmWindow), "confirmWindow must be between 1 and 65536")
        try check(maxPending > 0, "maxPending must be positive")
        try check(streamWindow > 0, "streamWindow must be positive")
        try queues.validate()
    }

    /// The files that secrets and certificates are read from.
    var files: [String] { [credentials?.path].compactMap { $0 } + (tls?.paths ?? []) }

    func addresses() throws(TransportError) -> [RabbitMQAddress] {
        var addresses: [RabbitMQAddress] = []
        for text in servers {
            for url in text.split(separator: ",") { addresses.append(try RabbitMQAddress(url: String(url))) }
        }
        return addresses
    }
}

extension RabbitMQCredentials {
    fileprivate var isCertificate: Bool {
        if case .certificate = kind { return true }
        return false
    }
}
