import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// Makes connections to one server.
struct ClientConnector: Sendable {
    let options: GRPCOptions
    let tls: TLSContextSource?
    let calls: PendingReplies
    let logger: Logger

    /// A connection whose server has said that it speaks HTTP/2.
    func connect(on loop: any EventLoop, for owner: any ClientConnectionOwner) -> EventLoopFuture<ClientConnection> {
        let deadline = NIODeadline.now() + TimeAmount(options.connectTimeout)
        return open(loop, owner)
            .flatMapThrowing { try $0.pipeline.syncOperations.handler(type: ClientConnection.self) }
            .flatMap { ready($0, deadline) }
            .flatMapErrorThrowing { throw TransportError(connecting: options.address, $0) }
    }

    /// Waits for the server's first word, as long as the attempt may take.
    private func ready(_ connection: ClientConnection, _ deadline: NIODeadline) -> EventLoopFuture<ClientConnection> {
        let patience = connection.loop.scheduleTask(deadline: deadline) { connection.close(noAnswer) }
        return connection.whenReady.map { connection }.always { _ in patience.cancel() }
    }

    /// A host name may lead to several addresses, and each is tried with a channel of its own.
    private func open(_ loop: any EventLoop, _ owner: any ClientConnectionOwner) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(ChannelOptions.writeBufferWaterMark, value: .init(low: 32 << 10, high: 256 << 10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls.context(), serverHostname: serverName)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let connection = ClientConnection(
                        options: options, calls: calls, loop: channel.eventLoop, logger: logger, owner: owner)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        return PeerWatch.settings(writeTimeout: options.writeTimeout).reduce(bootstrap) {
            $0.channelOption($1.option, value: $1.value)
        }
        .connect(host: options.host, port: options.port)
    }

    /// Without a name the certificate must name the address that was connected to.
    private var serverName: String? {
        if let name = options.tls?.serverName { return name }
        let isAddress = (try? SocketAddress(ipAddress: options.host, port: options.port)) != nil
        return isAddress ? nil : options.host
    }

    private var noAnswer: TransportError {
        TransportError(.disconnected, "no answer from \(options.address) within \(options.connectTimeout)")
    }
}
