import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Makes the listening socket, and a task for each connection that comes by it.
struct HTTPBootstrap: Sendable {
    let options: HTTPOptions
    let front: HTTPFront
    let connections: HTTPConnections
    private let group: any EventLoopGroup
    private let executors: PerLoop<LoopTaskExecutor>
    private let tls: NIOSSLContext?

    init(options: HTTPOptions, front: HTTPFront, connections: HTTPConnections) throws(TransportError) {
        self.options = options
        self.front = front
        self.connections = connections
        group = options.eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        executors = PerLoop(group) { LoopTaskExecutor($0) }
        do {
            tls = try options.tls.map { try NIOSSLContext(configuration: $0) }
        } catch {
            throw TransportError(.invalidConfiguration, "the TLS settings cannot be used", cause: error)
        }
    }

    /// One of its loops, for timers.
    var loop: any EventLoop { group.any() }

    func listen() async throws(TransportError) -> any Channel {
        do {
            return try await bootstrap.bind(host: options.host, port: options.port).get()
        } catch {
            throw TransportError(listening: options, error)
        }
    }

    private var bootstrap: ServerBootstrap {
        let (options, logger) = (options, options.resolvedLogger)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: options.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AvailableConnectionsChannelHandler<MaximumAvailableConnections>(
                            maxConnections: options.maxConnections))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try serve(channel, logger) }
            }
    }

    /// The connection's task stays on its event loop, unless a handler leaves it.
    private func serve(_ channel: any Channel, _ logger: Logger) throws {
        if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
        let connection = HTTPConnection(channel)
        let child = HTTPChild(connection: connection, options: options, front: front)
        let value = try child.makePipeline(channel)
        connections.add(connection)
        connection.own(
            Task(executorPreference: executors[channel.eventLoop]) {
                await child.handle(value: value, logger: logger)
                connections.remove(connection)
            })
    }
}
