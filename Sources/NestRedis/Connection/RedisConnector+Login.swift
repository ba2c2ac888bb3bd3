/// Who we are.
extension RedisConnector {
    func authentication(
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
    func login(
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
    func loginForCommands(_ connection: RedisConnection) async throws(TransportError) -> RedisClock {
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
