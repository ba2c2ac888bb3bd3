import NIOCore
import NIOPosix
import NIOSSL
import NestSockets

/// One connection, from its socket on.
extension RedisConnector {
    func open(
        _ address: RedisAddress, _ context: NIOSSLContext?, _ owner: RedisConnection.Owner
    ) async throws(TransportError) -> RedisConnection {
        let hint = context == nil ? "" : ", does it speak TLS on this port?"
        let late = TransportError(.disconnected, "no answer from \(address) within \(options.connectTimeout)\(hint)")
        do {
            let connection = try await channel(to: address, context, owner)
                .flatMapThrowing { try $0.pipeline.syncOperations.handler(type: RedisConnection.self) }.get()
            let patience = loop.scheduleTask(in: TimeAmount(options.connectTimeout)) { connection.close(late) }
            defer { patience.cancel() }
            try await connection.whenReady.get()
            return connection
        } catch {
            throw TransportError(connecting: address, error)
        }
    }

    /// Read once for all connections to a server; nil for plain text.
    func tlsContext(for address: RedisAddress) throws(TransportError) -> NIOSSLContext? {
        guard address.isTLS || options.tls != nil else { return nil }
        return try (options.tls ?? RedisTLSOptions()).context()
    }

    private func channel(
        to address: RedisAddress, _ context: NIOSSLContext?, _ owner: RedisConnection.Owner
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(
                ChannelOptions.recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1_024, initial: 16 << 10, maximum: 64 << 10)
            )
            .channelInitializer { [options, loop, spinWait] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        let name = options.tls?.serverName ?? address.certificateName
                        try channel.pipeline.syncOperations.addHandler(
                            try NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    let connection = RedisConnection(
                        address, options: options, usesTLS: context != nil, loop: loop, spinWait: spinWait,
                        owner: owner)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        switch address.place {
        case .host(let host, let port):
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        case .unixSocket(let path): return bootstrap.connect(unixDomainSocketPath: path)
        }
    }
}

extension RedisAddress {
    /// The name its certificate must carry; nil for an IP address, which is checked by itself.
    fileprivate var certificateName: String? {
        guard case .host(let host, let port) = place else { return nil }
        return (try? SocketAddress(ipAddress: host, port: port)) == nil ? host : nil
    }
}
