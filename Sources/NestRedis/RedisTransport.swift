/// Messages over Redis: requests and events in streams, each service a consumer group; or lists; or publish and
/// subscribe. ``RedisMode`` says which.
///
/// Delivery over streams and lists is *at least once*. An event that `emit` has confirmed stands in Redis, and is handled
/// by each group until a handler has taken it or it is a dead letter. It may come twice: when a handler ends and its
/// process dies before Redis hears of it, or when the answer to `emit` is lost and it is sent again. The header
/// `nest-message-id` is the same then, so that a handler can tell.
///
/// A failed event rests where it is, in the hands of its consumer, until its next try; Redis knows how many there were.
/// When the consumer dies, others take over after ``RedisOptions/claimAfter``. Running handlers say that they are alive.
///
/// Over streams, events with a key are handled in the order they were sent, across all instances of a group: each names
/// the one before it (`nest-prev`) and waits until that one is done. What is sent by others without that has no order.
public struct RedisTransport: Transport {
    /// How it is set.
    public let options: RedisOptions

    /// A transport with its options. They are checked when a server or client is made.
    public init(_ options: RedisOptions) { self.options = options }

    /// `"redis"`
    public var name: String { "redis" }

    /// What the mode can hold.
    public var guarantees: Guarantees { options.mode.guarantees }

    /// A server; it connects when started. Throws `invalid_configuration` for options that cannot work.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        try options.validate()
        return try RedisServer(options: options, dispatcher: dispatcher, environment: environment)
    }

    /// A client; it connects on first use. Throws `invalid_configuration` for options that cannot work.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try options.validate()
        return try RedisClient(options: options, environment: environment)
    }
}

extension RedisMode {
    /// Lists deal events of a key out to whoever asks: their order is kept within an instance, not across those of a
    /// group.
    var guarantees: Guarantees {
        let lists: Guarantees = [
            .events, .groups, .competingConsumers, .durable, .retries, .deadLetters, .streaming, .unknownPatterns,
        ]
        return switch self {
        case .streams: lists.union([.broadcast, .orderedPerKey])
        case .lists: lists
        case .pubSub: [.events, .broadcast, .streaming, .unknownPatterns]
        }
    }
}

extension Transport where Self == RedisTransport {
    /// Redis at a URL: `.redis(url: "redis://127.0.0.1:6379", prefix: "shop")`. Several URLs are separated by commas.
    public static func redis(url: String, prefix: String = "nest") -> RedisTransport {
        RedisTransport(RedisOptions(url: url, prefix: prefix))
    }

    /// Redis with all its options.
    public static func redis(_ options: RedisOptions = RedisOptions()) -> RedisTransport { RedisTransport(options) }
}

extension ClientConfig {
    /// A client over Redis, injected by its name. `queue` is that of the service it calls.
    public static func redis(_ name: String, url: String, prefix: String = "nest", queue: String? = nil) -> ClientConfig
    {
        var options = RedisOptions(url: url, prefix: prefix)
        options.queue = queue
        return ClientConfig(name, transport: RedisTransport(options))
    }

    /// A client over Redis with all its options.
    public static func redis(_ name: String, _ options: RedisOptions) -> ClientConfig {
        ClientConfig(name, transport: RedisTransport(options))
    }
}

extension RedisOptions {
    fileprivate init(url: String, prefix: String) {
        self.init(servers: [url])
        self.prefix = prefix
    }
}
