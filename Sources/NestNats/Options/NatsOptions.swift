/// Where the NATS servers are, who we are there, and how patient and how large everything may be.
public struct NatsOptions: Sendable {
    /// URLs such as `nats://10.0.0.1:4222` or `tls://nats.example`, tried in order; the first that answers is used.
    /// Those a cluster names are tried after them.
    public var servers: [String]
    /// Encrypts the connection; nil: only where a URL says `tls://`, with the system's authorities.
    public var tls: NatsTLSOptions?
    /// Who we are; nil: what a URL carries (`nats://user:password@host`), or nobody.
    public var credentials: NatsCredentials?
    /// What the server calls this connection in its monitoring.
    public var name = "swift-nest"
    /// Put before every pattern, with a dot: with `"shop"` the pattern `orders.create` is the subject
    /// `shop.orders.create`. Dots at its ends are cut.
    public var prefix = ""
    /// What the subjects begin with on which answers come. Another one is needed where accounts may not subscribe to
    /// `_INBOX.>`.
    public var inboxPrefix = "_INBOX"

    /// Keeps events in a stream: they survive restarts, come again after failures, and end as dead letters. Nil: core
    /// NATS, which keeps nothing.
    public var jetStream: JetStreamOptions?

    // MARK: Both sides

    /// How long one try to connect may take, the TLS handshake included.
    public var connectTimeout: Duration = .seconds(2)
    /// The first wait before connecting again after a cut; doubles, and is spread at random.
    public var reconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var maxReconnectDelay: Duration = .seconds(5)
    /// How often the server is asked whether it is still there. Two questions without an answer are a cut.
    public var pingInterval: Duration = .seconds(20)
    /// How often files that hold secrets and certificates are looked at. When one was exchanged, a connection with what
    /// stands in it now takes over from the old one, and nothing that is under way is lost: streams may go on over the
    /// old one for half a minute, then they end with `disconnected`.
    public var fileCheckInterval: Duration = .seconds(1)
    /// How long streams may go on over a connection that another one has taken over from.
    let streamPatience: Duration = .seconds(30)
    /// Bytes waiting to be written. Beyond them requests fail with `overloaded`, events wait, and a server takes no
    /// more messages. Events that wait for a connection are bounded by it too.
    public var maxBufferedBytes = 16 << 20

    // MARK: Client

    /// Requests waiting for a reply, and as many events waiting for a stream's word; further ones fail with `overloaded`.
    public var maxPending = 65_536
    /// Items of a streaming reply the service may send ahead of the reader.
    public var streamWindow = 64
    /// Sends the payload alone instead of the envelope, as services of wire revision 1 want it.
    public var sendsBarePayload = false

    // MARK: Server

    /// Instances of a service share its messages; false: each of them gets every request and every event but those that
    /// a stream keeps.
    public var sharesMessages = true
    /// Messages that wait while `maxInFlight` are being handled. Beyond them requests are answered `overloaded` and
    /// events are dropped, counted and logged.
    public var maxWaiting = 65_536
    /// Bytes of messages that wait.
    public var maxWaitingBytes = 64 << 20

    /// Options with the defaults above.
    public init(servers: [String] = ["nats://127.0.0.1:4222"]) { self.servers = servers }

    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "NATS options: \(what)") }
        }
        try check(!servers.isEmpty, "servers is empty")
        _ = try addresses()
        try check(name.utf8.allSatisfy { $0 >= 0x20 }, "name has control characters")
        try check(connectTimeout >= .milliseconds(1), "connectTimeout must be a millisecond or more")
        try check(reconnectDelay > .zero, "reconnectDelay must be positive")
        try check(maxReconnectDelay >= reconnectDelay, "maxReconnectDelay must not be less than reconnectDelay")
        try check(pingInterval >= .milliseconds(1), "pingInterval must be a millisecond or more")
        try check(fileCheckInterval >= .milliseconds(1), "fileCheckInterval must be a millisecond or more")
        try check(maxBufferedBytes > 0, "maxBufferedBytes must be positive")
        try check(maxPending > 0, "maxPending must be positive")
        try check(streamWindow > 0, "streamWindow must be positive")
        try check(maxWaiting > 0 && maxWaitingBytes > 0, "maxWaiting and maxWaitingBytes must be positive")
        if let problem = NatsSubjects.problem(ofInbox: inboxPrefix) { try check(false, "inboxPrefix \(problem)") }
        if let problem = NatsSubjects(prefix: prefix).problem { try check(false, "prefix \(problem)") }
        try jetStream?.validate(NatsSubjects(prefix: prefix), inbox: inboxPrefix)
    }

    func addresses() throws(TransportError) -> [NatsAddress] {
        var addresses: [NatsAddress] = []
        for text in servers {
            for url in text.split(separator: ",") { addresses.append(try NatsAddress(url: String(url))) }
        }
        return addresses
    }
}
