/// Messages over NATS: requests and events as subjects of a broker, each service a queue group.
///
/// Core NATS keeps nothing: a message finds its service at once or not at all. An event nobody listens to is gone, so
/// there are no retries and no dead letters. Instances of a service share its messages as the broker deals them out, at
/// random.
///
/// What the server does not permit fails with `forbidden`: a subscription when the service starts, requests and kept
/// events at once. An event over core NATS has been sent by then, nothing tells its sender: health and the log do.
///
/// With ``NatsOptions/jetStream`` events are kept in a stream: `emit` returns when the stream has them, each group gets
/// each of them until a handler has taken it, those that keep failing become dead letters. Events of the same key are
/// handled in order within an instance, not across them.
public struct NatsTransport: Transport {
    /// How it is set.
    public let options: NatsOptions

    /// A transport with its options. They are checked when a server or client is made.
    public init(_ options: NatsOptions) { self.options = options }

    /// `"nats"`
    public var name: String { "nats" }

    /// Groups, broadcast, streaming replies; an unknown pattern fails at once. With a stream, what it keeps is durable.
    public var guarantees: Guarantees {
        let core: Guarantees = [.events, .groups, .broadcast, .competingConsumers, .streaming, .unknownPatterns]
        return options.jetStream == nil ? core : core.union([.durable, .retries, .deadLetters])
    }

    /// A server; it connects and subscribes when started. Throws `invalid_configuration` for options that cannot work.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        try options.validate()
        return try NatsServer(options: options, dispatcher: dispatcher, environment: environment)
    }

    /// A client; it connects on first use. Throws `invalid_configuration` for options that cannot work.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try options.validate()
        return try NatsClient(options: options, environment: environment)
    }
}

extension Transport where Self == NatsTransport {
    /// NATS at a URL: `.nats(url: "nats://127.0.0.1:4222")`. Several URLs are separated by commas.
    public static func nats(url: String) -> NatsTransport { NatsTransport(NatsOptions(servers: [url])) }

    /// NATS with all its options.
    public static func nats(_ options: NatsOptions = NatsOptions()) -> NatsTransport { NatsTransport(options) }
}

extension ClientConfig {
    /// A client over NATS, injected by its name.
    public static func nats(_ name: String, url: String) -> ClientConfig {
        ClientConfig(name, transport: NatsTransport(NatsOptions(servers: [url])))
    }

    /// A client over NATS with all its options.
    public static func nats(_ name: String, _ options: NatsOptions) -> ClientConfig {
        ClientConfig(name, transport: NatsTransport(options))
    }
}
