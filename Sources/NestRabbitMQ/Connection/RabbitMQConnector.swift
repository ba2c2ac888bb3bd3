import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Makes connections out of options: reads the secrets, tries the brokers.
struct RabbitMQConnector: Sendable {
    let options: RabbitMQOptions
    let addresses: [RabbitMQAddress]
    let loop: any EventLoop

    init(options: RabbitMQOptions, loop: any EventLoop) throws(TransportError) {
        self.options = options
        self.loop = loop
        addresses = try options.addresses()
    }

    /// A connection to the first broker that takes us; what the last one said is thrown, or what one said that was there
    /// and refused us. `role` tells it apart in the broker's management.
    func connect(as role: String) async throws(TransportError) -> RabbitMQConnection {
        var failure = TransportError(.invalidConfiguration, "no RabbitMQ broker is named")
        for address in addresses {
            do throws(TransportError) {
                return try await connect(to: address, role)
            } catch {
                if error.code != .disconnected || failure.code != .unauthenticated { failure = error }
            }
        }
        throw failure
    }

    private func connect(to address: RabbitMQAddress, _ role: String) async throws(TransportError) -> RabbitMQConnection
    {
        let handshake = RabbitMQHandshake(
            login: try await login(address), virtualHost: options.virtualHost ?? address.virtualHost,
            name: "\(options.name) \(role)", heartbeat: Int(options.heartbeat / .seconds(1)))
        do {
            let tls = try await context(for: address)
            let deadline = NIODeadline.now() + TimeAmount(options.connectTimeout)
            let made = MadeConnections()
            return try await open(address, handshake, tls, made).flatMapThrowing { try made.connection(of: $0) }
                .flatMap { ready($0, deadline) }.get()
        } catch {
            throw TransportError(rabbitMQ: address, error)
        }
    }

    /// A host name may lead to several addresses, and each is tried with a channel, and a connection, of its own.
    private func open(
        _ address: RabbitMQAddress, _ handshake: RabbitMQHandshake, _ tls: NIOSSLContext?, _ made: MadeConnections
    ) -> EventLoopFuture<any Channel> {
        let name = serverName(address)
        return ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 512 << 10))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let connection = RabbitMQConnection(
                        to: address, on: channel.eventLoop, handshake: handshake, patience: options.operationTimeout,
                        maxMessageBytes: options.maxMessageBytes)
                    made.add(connection, of: channel)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(host: address.host, port: address.port)
    }

    /// Waits for the handshake, as long as the attempt may take.
    private func ready(
        _ connection: RabbitMQConnection, _ deadline: NIODeadline
    ) -> EventLoopFuture<RabbitMQConnection> {
        let patience = loop.scheduleTask(deadline: deadline) {
            connection.end(
                TransportError(.disconnected, "\(connection.address): no answer within the connect timeout"))
        }
        return connection.whenOpen.map { connection }.always { _ in patience.cancel() }
    }
}

// MARK: - Who we are, and who they are

extension RabbitMQConnector {
    private func login(_ address: RabbitMQAddress) async throws(TransportError) -> RabbitMQHandshake.Login {
        do {
            switch options.credentials?.kind {
            case .user(let name, let password): return .plain(user: name, password: try await password.value())
            case .certificate: return .external
            case nil: return .plain(user: address.login?.user ?? "guest", password: address.login?.password ?? "guest")
            }
        } catch {
            throw TransportError(.unauthenticated, "the credentials for RabbitMQ cannot be read", cause: error)
        }
    }

    /// Read anew for each connection, off the event loop: files may be slow.
    private func context(for address: RabbitMQAddress) async throws -> NIOSSLContext? {
        guard address.isTLS || options.tls != nil else { return nil }
        let tls = options.tls ?? RabbitMQTLSOptions()
        return try await NIOThreadPool.singleton.runIfActive { try tls.context() }
    }

    /// The name the certificate must carry; an address is compared with the addresses in it.
    private func serverName(_ address: RabbitMQAddress) -> String? {
        if let name = options.tls?.serverName { return name }
        let isNumeric = (try? SocketAddress(ipAddress: address.host, port: address.port)) != nil
        return isNumeric ? nil : address.host
    }
}

/// The connections of one attempt by their channels. A channel whose handshake has failed by now does not have its
/// handler any more, and the handler knows why.
private final class MadeConnections: Sendable {
    private let all = Mutex<[ObjectIdentifier: RabbitMQConnection]>([:])

    func add(_ connection: RabbitMQConnection, of channel: any Channel) {
        all.withLock { $0[ObjectIdentifier(channel)] = connection }
    }

    func connection(of channel: any Channel) throws -> RabbitMQConnection {
        guard let connection = all.withLock({ $0[ObjectIdentifier(channel)] }) else {
            throw ChannelError.ioOnClosedChannel
        }
        return connection
    }
}
