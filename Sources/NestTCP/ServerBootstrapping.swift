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

    func listen(at address: TCPAddress, backlog: Int32) async throws(TransportError) -> ListeningSocket {
        do {
            let channel: any Channel
            switch address.place {
            case .host(let host, let port):
                channel = try await bootstrap(backlog, isInternet: true).bind(host: host, port: port).get()
            case .unixSocket(let path):
                try await UnixSocketFile(path: path).removeIfStale(group: group)
                channel = try await bootstrap(backlog, isInternet: false).bind(unixDomainSocketPath: path).get()
            }
            return ListeningSocket(channel: channel, address: address)
        } catch {
            throw TransportError(binding: address.location, address, error)
        }
    }

    private func bootstrap(_ backlog: Int32, isInternet: Bool) -> ServerBootstrap {
        let base = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoff(services.logger, transport: "tcp"))
                }
            }
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(ChannelOptions.recvAllocator, value: ServerConnection.receiveAllocator)
            .childChannelOption(ChannelOptions.writeBufferWaterMark, value: .init(low: 32 << 10, high: 256 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try admit(channel) }
            }
        guard isInternet else { return base }
        let internet = base.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        return PeerWatch.settings(writeTimeout: services.options.writeTimeout).reduce(internet) {
            $0.childChannelOption($1.option, value: $1.value)
        }
    }

    /// Puts the handlers in place, or says goodbye to a connection there is no place for.
    private func admit(_ channel: any Channel) throws {
        if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context())) }
        guard services.registry.admit() else {
            try channel.pipeline.syncOperations.addHandler(LingeringClose(farewell: farewell(), time: .seconds(1)))
            return
        }
        let connection = ServerConnection(services: services, on: loops[channel.eventLoop])
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    private func farewell() -> ByteBuffer {
        var buffer = ByteBuffer()
        let error = TransportError(.overloaded, "the server has as many connections as it may have")
        services.codec.write(.reply(.failure(error)), id: ServerConnection.noID, to: &buffer)
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }
}
