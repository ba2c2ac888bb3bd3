/// Where Redis is, who we are there, how messages travel, and how patient and how large everything may be.
public struct RedisOptions: Sendable {
    /// URLs, tried in order; the first that is a primary is used: `redis://user:password@host:6379/0`, `rediss://…` for
    /// TLS, `redis+unix:///run/redis.sock?db=0` for a socket.
    public var servers: [String]
    /// Asks these for the primary instead of trying ``servers``.
    public var sentinel: RedisSentinel?
    /// How messages travel.
    public var mode = RedisMode.streams
    /// Every key and channel begins with it: two systems of different prefixes on one Redis never see each other.
    public var prefix = "nest"
    /// Encrypts the connections; nil: only where a URL says `rediss://`, with the system's authorities.
    public var tls: RedisTLSOptions?
    /// Who we are; nil: what a URL carries, or nobody.
    public var credentials: RedisCredentials?
    /// The number of the database; nil: what a URL carries, or 0. Channels are the same in all of them.
    public var database: Int?
    /// What Redis calls the connections in `CLIENT LIST`, with their role behind it.
    public var name = "swift-nest"

    // MARK: Both sides

    /// How long one try to connect may take, with TLS and login.
    public var connectTimeout: Duration = .seconds(2)
    /// The first wait before connecting again after a cut; doubles, and is spread at random.
    public var reconnectDelay: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var maxReconnectDelay: Duration = .seconds(5)
    /// How often Redis is asked whether it is still there. Two questions without an answer are a cut.
    public var pingInterval: Duration = .seconds(10)
    /// How often files that hold passwords and certificates are looked at. When one was exchanged, connections with what
    /// stands in it now take over from the old ones, and nothing that is under way is lost.
    public var fileCheckInterval: Duration = .seconds(1)
    /// How long the connections' loop spins after it has sent something, before it looks at its sockets. To sleep and to be
    /// woken takes longer than a brief exchange with a Redis on the same machine. It is done while something comes every
    /// few hundred microseconds, and only as long as it is measured to bring more from Redis. It gives the processor to
    /// whoever wants to run, but other sockets of the loop wait as long, and under a quota of CPU time it counts. Zero:
    /// the loop sleeps at once.
    public var spinWait: Duration = .microseconds(75)
    /// Bytes waiting to be written. Beyond them requests fail with `overloaded`, and events wait. Events that wait for a
    /// connection are bounded by it too.
    public var maxBufferedBytes = 16 << 20
    /// The largest message that is sent or taken.
    public var maxMessageBytes = 16 << 20

    // MARK: Client

    /// The queue of the service that requests go to. Nil: `default`, the queue of a service that names none. Not used
    /// with ``RedisMode/pubSub``, where the pattern is the channel.
    public var queue: String?
    /// Where answers come.
    public var replies = RedisReplies.channel
    /// Calls waiting for a reply; further ones fail with `overloaded`.
    public var maxPending = 65_536
    /// Items of a streaming reply the service may send ahead of the reader.
    public var streamWindow = 64

    // MARK: Server

    /// Where a new group begins.
    public var start = RedisStart.now
    /// Messages read at once.
    public var batch = 128
    /// Messages that wait while `maxInFlight` are being handled.
    public var maxWaiting = 1_024
    /// Bytes of messages that wait.
    public var maxWaitingBytes = 64 << 20
    /// A consumer that has not been heard of for so long is dead, and its messages go to others. Running handlers tell
    /// three times as often that they are alive.
    public var claimAfter: Duration = .seconds(30)
    /// About so many events are kept for replay; what a group has not finished is kept beyond it.
    public var maxEvents = 1_000_000
    /// How long a request is good whose caller gave no deadline. What is twice as old is let go of, whoever waits for it:
    /// calls that take longer need a longer expiry.
    public var requestExpiry: Duration = .seconds(60)

    /// Options with the defaults above.
    public init(servers: [String] = ["redis://127.0.0.1:6379"]) { self.servers = servers }

    func validate() throws(TransportError) {
        func check(_ isValid: Bool, _ what: String) throws(TransportError) {
            guard isValid else { throw TransportError(.invalidConfiguration, "Redis options: \(what)") }
        }
        try check(!servers.isEmpty, "servers is empty")
        _ = try RedisAddress.all(in: servers)
        if let sentinel {
            try check(!sentinel.servers.isEmpty, "sentinel names no servers")
            _ = try RedisAddress.all(in: sentinel.servers)
        }
        if let problem = RedisKeys(prefix: prefix).problem { try check(false, "prefix \(problem)") }
        try check(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "name has white space")
        try check(database.map { $0 >= 0 } ?? true, "database is not negative")
        try check(connectTimeout >= .milliseconds(1), "connectTimeout must be a millisecond or more")
        try check(reconnectDelay > .zero, "reconnectDelay must be positive")
        try check(maxReconnectDelay >= reconnectDelay, "maxReconnectDelay must not be less than reconnectDelay")
        try check(pingInterval >= .milliseconds(10), "pingInterval must be 10 milliseconds or more")
        try check(fileCheckInterval >= .milliseconds(1), "fileCheckInterval must be a millisecond or more")
        try check(SpinWait.isAllowed(spinWait), "spinWait must be between 0 and a millisecond")
        try check(maxBufferedBytes > 0, "maxBufferedBytes must be positive")
        try check((1...(512 << 20)).contains(maxMessageBytes), "maxMessageBytes must be between 1 and 512 MiB")
        if let expiry = replies.expiry {
            try check(mode != .pubSub, "replies over a list need streams or lists, not publish and subscribe")
            try check(expiry >= .seconds(1), "the expiry of replies must be a second or more")
        }
        try check(maxPending > 0, "maxPending must be positive")
        try check(streamWindow > 0, "streamWindow must be positive")
        try check(batch > 0, "batch must be positive")
        try check(maxWaiting > 0 && maxWaitingBytes > 0, "maxWaiting and maxWaitingBytes must be positive")
        try check(claimAfter >= .milliseconds(100), "claimAfter must be 100 milliseconds or more")
        try check(maxEvents > 0, "maxEvents must be positive")
        try check(requestExpiry >= .seconds(1), "requestExpiry must be a second or more")
    }

    /// How long a command waits in Redis for something to come: half as long as silence is suspect.
    var blockMilliseconds: Int64 { max(1, min(2_000, Int64(min(pingInterval / 2, claimAfter) / .milliseconds(1)))) }

    /// How long connections that others have taken over from may take to end: until what they wait for has come.
    var retirement: Duration { .milliseconds(blockMilliseconds) + connectTimeout }

    /// The files that are read for each connection.
    var files: [String] {
        [credentials, sentinel?.credentials].compactMap { $0?.password.path } + (tls?.paths ?? [])
    }

    /// When the name of a consumer without anything is forgotten.
    var forgetAfter: Duration { claimAfter * 3 }
}

extension BrokerLinkSettings {
    init(redis options: RedisOptions) {
        self.init(
            transport: "redis", broker: "Redis", reconnectDelay: options.reconnectDelay,
            maxReconnectDelay: options.maxReconnectDelay, maxPending: options.maxPending,
            maxBufferedBytes: options.maxBufferedBytes)
        files = options.files
        fileCheckInterval = options.fileCheckInterval
    }
}
