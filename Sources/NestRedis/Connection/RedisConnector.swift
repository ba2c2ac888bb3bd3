import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Finds the primary, and makes the connections that a client or a server needs there.
final class RedisConnector: Sendable {
    let options: RedisOptions
    let loop: any EventLoop
    private let addresses: [RedisAddress]
    private let sentinels: [RedisAddress]
    /// Where it was connected last: tried last when that was lost.
    private let last = Mutex<RedisAddress?>(nil)

    init(_ options: RedisOptions, loop: any EventLoop) throws(TransportError) {
        self.options = options
        self.loop = loop
        addresses = try Self.addresses(in: options.servers)
        sentinels = try options.sentinel.map { (sentinel) throws(TransportError) in
            try Self.addresses(in: sentinel.servers)
        } ?? []
    }

    static func addresses(in urls: [String]) throws(TransportError) -> [RedisAddress] {
        var addresses: [RedisAddress] = []
        for text in urls {
            for url in text.split(separator: ",") { addresses.append(try RedisAddress(url: String(url))) }
        }
        return addresses
    }

    /// How long an attempt may take at the most.
    var patience: Duration { options.connectTimeout * (addresses.count + sentinels.count + 1) }

    /// Connections to the first server that is a primary.
    func session(_ plan: RedisSession.Plan) async throws(TransportError) -> RedisSession {
        var failure = TransportError(.invalidConfiguration, "Redis: there is no server to connect to")
        for address in try await candidates() {
            do throws(TransportError) {
                let session = try await session(plan, at: address)
                last.withLock { $0 = address }
                return session
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func candidates() async throws(TransportError) -> [RedisAddress] {
        guard sentinels.isEmpty else { return [try await primary()] }
        guard let last = last.withLock({ $0 }), let index = addresses.firstIndex(of: last) else { return addresses }
        return Array(addresses[(index + 1)...] + addresses[...index])
    }

    private func session(_ plan: RedisSession.Plan, at address: RedisAddress) async throws(TransportError) -> RedisSession
    {
        var opened: [RedisConnection] = []
        do throws(TransportError) {
            let commands = try await open(address, plan.commands)
            opened.append(commands)
            let clock = try await loginForCommands(commands)
            if let messages = plan.messages {
                let owner = RedisConnection.Owner(
                    message: messages, readEnds: plan.messagesEnd, refused: plan.commands.refused)
                opened.append(try await open(address, owner))
                try await login(opened[1], "subscriptions")
            }
            var readers: [RedisSession.Reader] = []
            for _ in 0..<plan.readers {
                let reader = try await open(address, RedisConnection.Owner())
                opened.append(reader)
                let number = try await login(reader, "reading", ["CLIENT", "ID"]).first?.integer
                readers.append(RedisSession.Reader(connection: reader, number: number))
            }
            let session = RedisSession(
                commands: commands, subscriber: plan.messages == nil ? nil : opened[1], readers: readers, clock: clock)
            session.watchRole(every: options.pingInterval)
            return session
        } catch {
            for connection in opened { connection.close(error) }
            throw error
        }
    }
}

// MARK: - Sentinel

extension RedisConnector {
    /// The first sentinel that knows the primary is believed.
    private func primary() async throws(TransportError) -> RedisAddress {
        guard let sentinel = options.sentinel else { throw TransportError(.internal, "no sentinel") }
        var failure = TransportError(.invalidConfiguration, "Redis: there is no sentinel to ask")
        for address in sentinels {
            do throws(TransportError) {
                return try await primary(from: address, sentinel)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func primary(from address: RedisAddress, _ sentinel: RedisSentinel) async throws(TransportError) -> RedisAddress
    {
        let connection = try await open(address, RedisConnection.Owner())
        defer { connection.close(TransportError(.closed, "asked")) }
        if let auth = try await authentication(sentinel.credentials, address.login) {
            _ = try await connection.ask(auth, "logging in at \(address)", within: options.connectTimeout)
        }
        let reply = try await connection.ask(
            ["SENTINEL", "get-master-addr-by-name", sentinel.primary], "asking the sentinel \(address)",
            within: options.connectTimeout)
        let parts = reply.texts
        guard parts.count == 2, let port = Int(parts[1]) else {
            throw TransportError(.disconnected, "the sentinel \(address) knows no primary `\(sentinel.primary)`")
        }
        return RedisAddress(host: parts[0], port: port, like: addresses.first)
    }
}

// MARK: - One connection

extension RedisConnector {
    private func open(
        _ address: RedisAddress, _ owner: RedisConnection.Owner
    ) async throws(TransportError) -> RedisConnection {
        let context = try tlsContext(for: address)
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

    private func tlsContext(for address: RedisAddress) throws(TransportError) -> NIOSSLContext? {
        guard address.isTLS || options.tls != nil else { return nil }
        return try (options.tls ?? RedisTLSOptions()).context()
    }

    private func channel(
        to address: RedisAddress, _ context: NIOSSLContext?, _ owner: RedisConnection.Owner
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(options.connectTimeout))
            .channelOption(ChannelOptions.recvAllocator, value: AdaptiveRecvByteBufferAllocator(
                minimum: 1_024, initial: 16 << 10, maximum: 256 << 10))
            .channelInitializer { [options, loop] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        let name = options.tls?.serverName ?? address.certificateName
                        try channel.pipeline.syncOperations.addHandler(
                            try NIOSSLClientHandler(context: context, serverHostname: name))
                    }
                    let connection = RedisConnection(
                        address, options: options, usesTLS: context != nil, loop: loop, owner: owner)
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

    private func authentication(
        _ credentials: RedisCredentials?, _ login: RedisAddress.Login?
    ) async throws(TransportError) -> [String]? {
        guard let credentials else {
            guard let login else { return nil }
            return ["AUTH"] + [login.user, login.password].compactMap(\.self)
        }
        do {
            let password = try await credentials.password.value()
            return ["AUTH"] + [credentials.user, password].compactMap(\.self)
        } catch {
            throw TransportError(.unauthenticated, "the password for Redis cannot be read", cause: error)
        }
    }

    /// Says who we are and where we go, then the rest. Returns the replies to the rest, errors among them.
    @discardableResult
    private func login(
        _ connection: RedisConnection, _ role: String, _ rest: [String]...
    ) async throws(TransportError) -> [RedisReply] {
        let address = connection.address
        let action = "logging in at \(address)"
        var commands: [[String]] = []
        if let auth = try await authentication(options.credentials, address.login) { commands.append(auth) }
        let database = options.database ?? address.database ?? 0
        if database != 0 { commands.append(["SELECT", String(database)]) }
        let needed = commands.count
        // Not everybody may say or ask the rest; it is done without then.
        commands += [["PING"], ["CLIENT", "SETNAME", "\(options.name):\(role)"]] + rest
        let replies = try await connection.replies(to: commands, action, within: options.connectTimeout)
        for (index, reply) in replies.enumerated() {
            guard let error = reply.error else { continue }
            let isFatal = index < needed || ["NOAUTH", "LOADING", "MASTERDOWN"].contains(error.code)
            let isSelect = index < needed && commands[index][0] == "SELECT"
            if isFatal { throw TransportError(redis: error, isSelect ? "\(action), database \(database)" : action) }
        }
        return Array(replies.suffix(rest.count))
    }

    /// Returns Redis's clock. Throws at a server that is no primary.
    private func loginForCommands(_ connection: RedisConnection) async throws(TransportError) -> RedisClock {
        let replies = try await login(connection, "commands", ["ROLE"], ["TIME"])
        try checkRole(replies[0], connection.address)
        return RedisClock(replies[1])
    }

    private func checkRole(_ reply: RedisReply, _ address: RedisAddress) throws(TransportError) {
        switch reply.elements.first?.text {
        case "slave": throw TransportError(.disconnected, "\(address) is a replica, and takes no writes")
        case "sentinel": throw TransportError(.invalidConfiguration, "\(address) is a sentinel: name it in `sentinel`")
        default: break
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
