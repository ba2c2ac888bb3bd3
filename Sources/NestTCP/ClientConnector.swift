import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections to one server.
struct ClientConnector: Sendable {
    let options: TCPOptions
    let tls: TLSContextSource?
    let logger: Logger

    /// A connection that is ready to carry requests.
    func connect(on loop: any EventLoop) -> EventLoopFuture<ClientConnection> {
        let deadline = NIODeadline.now() + TimeAmount(options.connectTimeout)
        return open(loop)
            .flatMapThrowing { try $0.pipeline.syncOperations.handler(type: ClientConnection.self) }
            .flatMap { ready($0, deadline) }
            .flatMapErrorThrowing { throw TransportError(connecting: options.address, $0) }
    }

    /// Waits for the handshake, as long as the attempt may take.
    private func ready(_ connection: ClientConnection, _ deadline: NIODeadline) -> EventLoopFuture<ClientConnection> {
        let patience = connection.loop.scheduleTask(deadline: deadline) { connection.close(noAnswer) }
        return connection.whenReady.map { connection }.always { _ in patience.cancel() }
    }

    /// A host name may lead to several addresses, and each is tried with a channel of its own.
    func open(_ loop: any EventLoop) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(ChannelOptions.writeBufferWaterMark, value: .init(low: 32 << 10, high: 256 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(tlsHandler(tls.context())) }
                    let connection = ClientConnection(options: options, loop: channel.eventLoop, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        switch options.address.place {
        case .host(let host, let port):
            let internet = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
            return PeerWatch.settings(writeTimeout: options.writeTimeout).reduce(internet) {
                $0.channelOption($1.option, value: $1.value)
            }
            .connect(host: host, port: port)
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    /// Without a name the certificate must name the address that was connected to.
    private func tlsHandler(_ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: serverName)
    }

    private var serverName: String? {
        if let name = options.tls?.serverName { return name }
        guard case .host(let host, let port) = options.address.place else { return nil }
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        return isAddress ? nil : host
    }

    private var noAnswer: TransportError {
        TransportError(.disconnected, "no answer from \(options.address) within \(options.connectTimeout)")
    }
}
