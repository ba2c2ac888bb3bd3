public import NIOCore
import NIOPosix

/// A client to be made by ``ClientsModule``: its name, its transport and how patient it is.
///
/// Each transport adds a shorter way to write one: `.tcp("ORDERS_RPC", port: 4000)`.
public struct ClientConfig: Sendable {
    /// What it is injected and found by.
    public var name: String
    /// How it reaches the other side.
    public var transport: any Transport
    /// How long a call waits that says nothing else.
    public var timeout: Duration = .seconds(5)
    /// How payloads are encoded and replies decoded.
    public var codec = JSONCodec.default
    /// What it logs with; nil: `nest.client` with the client's name.
    public var logger: Logger?
    /// Where its sockets live; nil: the group that all clients and servers of the process share.
    public var eventLoopGroup: (any EventLoopGroup)?

    /// A client with the defaults above.
    public init(_ name: String, transport: some Transport) {
        self.name = name
        self.transport = transport
    }

    /// The same with another timeout.
    public func timeout(_ timeout: Duration) -> ClientConfig {
        var config = self
        config.timeout = timeout
        return config
    }

    func environment() -> TransportEnvironment {
        var logger = logger ?? Logger(label: "nest.client")
        logger[metadataKey: LogKey.client] = .string(name)
        return TransportEnvironment(
            logger: logger, eventLoopGroup: eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton)
    }
}
