/// Messages over RabbitMQ: requests wait in a service's queue, events are published to every group's own.
///
/// Queues are quorum queues unless ``RabbitMQQueueOptions/kind`` says otherwise. What is sent is persistent; `emit`
/// returns when the broker has the event on behalf of at least one group. A delivery is acknowledged when its handler
/// has ended. An event that fails waits in a queue of its own for its next try, and becomes a dead letter after the last
/// one. A delivery whose consumer died counts as a try, because nobody can tell how far its handler came.
///
/// What the broker refuses (a queue is full, or a quorum queue has lost its leader) is sent again until the deadline of its
/// call, which then fails with `overloaded`; the request for a stream is not. What no queue takes is unroutable: it fails
/// with `no_responders` at once. While the broker takes nothing for want of memory or disk, calls fail with `timeout` at
/// their deadlines, and health is `degraded`.
///
/// Each connection lives on an event loop of SwiftNIO; the C library only encodes and decodes, and so nothing waits for
/// the broker in it.
///
/// Events of the same key keep their order with ``RabbitMQQueueOptions/singleActiveConsumer`` only.
public struct RabbitMQTransport: Transport {
    /// How it is set.
    public let options: RabbitMQOptions

    /// A transport with its options. They are checked when a server or client is made.
    public init(_ options: RabbitMQOptions) { self.options = options }

    /// `"rabbitmq"`
    public var name: String { "rabbitmq" }

    /// Durable, with retries and dead letters; streaming replies; the events of a key in order with a single active
    /// consumer.
    public var guarantees: Guarantees {
        let all: Guarantees = [
            .durable, .events, .groups, .broadcast, .competingConsumers, .retries, .deadLetters, .streaming,
            .unknownPatterns,
        ]
        return options.queues.singleActiveConsumer ? all.union(.orderedPerKey) : all
    }

    /// A server; it connects, declares its queues and consumes when started. Throws `invalid_configuration` for options
    /// that cannot work.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        try options.validate()
        return try RabbitMQServer(options: options, dispatcher: dispatcher, environment: environment)
    }

    /// A client; it connects on first use. Throws `invalid_configuration` for options that cannot work.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try options.validate()
        return try RabbitMQClient(options: options, environment: environment)
    }
}

extension Transport where Self == RabbitMQTransport {
    /// RabbitMQ at a URL: `.rabbitMQ(url: "amqp://127.0.0.1:5672")`. Several URLs are separated by commas.
    public static func rabbitMQ(url: String) -> RabbitMQTransport { RabbitMQTransport(RabbitMQOptions(servers: [url])) }

    /// RabbitMQ with all its options.
    public static func rabbitMQ(_ options: RabbitMQOptions = RabbitMQOptions()) -> RabbitMQTransport {
        RabbitMQTransport(options)
    }
}

extension ClientConfig {
    /// A client over RabbitMQ, injected by its name. `service` is the queue name of the service it calls.
    public static func rabbitMQ(_ name: String, url: String, service: String = "default") -> ClientConfig {
        var options = RabbitMQOptions(servers: [url])
        options.service = service
        return ClientConfig(name, transport: RabbitMQTransport(options))
    }

    /// A client over RabbitMQ with all its options.
    public static func rabbitMQ(_ name: String, _ options: RabbitMQOptions) -> ClientConfig {
        ClientConfig(name, transport: RabbitMQTransport(options))
    }
}
