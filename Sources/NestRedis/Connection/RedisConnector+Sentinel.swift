/// Where the primary is, as the sentinels know.
extension RedisConnector {
    /// The first sentinel that knows the primary is believed.
    func primary() async throws(TransportError) -> RedisAddress {
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

    private func primary(from address: RedisAddress, _ sentinel: RedisSentinel) async throws(TransportError)
        -> RedisAddress
    {
        let connection = try await open(address, tlsContext(for: address), RedisConnection.Owner())
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
