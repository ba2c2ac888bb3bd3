import NIOCore
import NIOPosix
import NIOSSL

/// Makes listening sockets whose connections are served.
struct ServerBootstrapping: Sendable {
    let services: ServerServices
    let tls: TLSContextSource?
    let group: any EventLoopGroup
    private let loops: PerLoop<ServerLoop>

    init(services: ServerServices, tls: TLSContextSource?, group: any EventLoopGroup) {
        self.services = services
        self.tls = tls
        self.group = group
        loops = PerLoop(group) { [codec = services.dispatcher.codec] in ServerLoop($0, codec: codec) }
    }

    func listen() async throws(TransportError) -> ListeningSocket {
        let options = services.options
        do {
            let channel = try await bootstrap.bind(host: options.host, port: options.port).get()
            return ListeningSocket(channel: channel, options: options)
        } catch {
            throw TransportError(binding: .host(options.host, port: options.port), options.address, error)
        }
    }

    private var bootstrap: ServerBootstrap {
        let base = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: services.options.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoff(services.logger, transport: "grpc"))
                }
            }
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(ChannelOptions.recvAllocator, value: ServerConnection.receiveAllocator)
            .childChannelOption(ChannelOptions.writeBufferWaterMark, value: .init(low: 32 << 10, high: 256 << 10))
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try admit(channel) }
            }
        return PeerWatch.settings(writeTimeout: services.options.writeTimeout).reduce(base) {
            $0.childChannelOption($1.option, value: $1.value)
        }
    }

    /// Puts the handlers in place. A connection there is no place for is closed: its client tries again, and not at once.
    private func admit(_ channel: any Channel) throws {
        guard services.registry.admit() else {
            throw TransportError(.overloaded, "the server has as many connections as it may have")
        }
        do {
            if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context())) }
            let connection = ServerConnection(services: services, on: loops[channel.eventLoop])
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            services.registry.giveBack()
            throw error
        }
    }
}
