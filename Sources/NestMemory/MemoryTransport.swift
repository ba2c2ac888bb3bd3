/// Messages inside the process: for tests, and for the smallest programs.
///
/// Keeps the whole delivery contract: instances of a service share its messages, every group gets each event, failed
/// events come again and end as dead letters, keys keep their order, replies may stream. Every message is written to
/// bytes and read back, so what works here works on a wire. Only durable it is not: the bus ends with the process.
public struct MemoryTransport: Transport {
    /// Where the messages wait. Servers and clients of one bus reach each other.
    public let bus: MemoryBus

    /// A transport over a bus.
    public init(_ bus: MemoryBus) { self.bus = bus }

    /// `"memory"`
    public var name: String { "memory" }

    /// Everything but durable.
    public var guarantees: Guarantees {
        [
            .orderedPerKey, .competingConsumers, .groups, .broadcast, .retries, .deadLetters, .streaming, .events,
            .unknownPatterns,
        ]
    }

    /// A server; it takes messages once it is started and run.
    public func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        MemoryServer(bus: bus, dispatcher: dispatcher, environment: environment)
    }

    /// A client. There is nothing to connect.
    public func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        try bus.options.validate()
        return MemoryClient(bus: bus, environment: environment)
    }
}

extension Transport where Self == MemoryTransport {
    /// Messages over a bus of yours: `.memory(bus)`.
    public static func memory(_ bus: MemoryBus) -> MemoryTransport { MemoryTransport(bus) }

    /// Messages over a bus that everything in the process finds by its name: `.memory()`.
    public static func memory(named name: String = "default") -> MemoryTransport {
        MemoryTransport(MemoryBus.named(name))
    }
}

extension ClientConfig {
    /// A client over a bus of yours, injected by its name.
    public static func memory(_ name: String, _ bus: MemoryBus) -> ClientConfig {
        ClientConfig(name, transport: MemoryTransport(bus))
    }

    /// A client over the bus of that name.
    public static func memory(_ name: String, busNamed bus: String = "default") -> ClientConfig {
        ClientConfig(name, transport: MemoryTransport(MemoryBus.named(bus)))
    }
}
