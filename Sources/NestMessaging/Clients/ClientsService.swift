/// The clients of one ``ClientsModule`` by name. Closes them when the application has shut down.
public final class ClientsService: Sendable {
    private let clients: [String: ClientProxy]

    /// Makes every client; connects none.
    init(_ configs: [ClientConfig]) throws(TransportError) {
        var clients: [String: ClientProxy] = [:]
        for config in configs {
            guard clients[config.name] == nil else {
                throw TransportError(.invalidConfiguration, "two clients are called `\(config.name)`")
            }
            clients[config.name] = try ClientProxy(config)
        }
        self.clients = clients
    }

    /// The names there are, in alphabetical order.
    public var names: [String] { clients.keys.sorted() }

    /// The client of a name; nil when nobody registered it.
    public func get(_ name: String) -> ClientProxy? { clients[name] }

    /// The client of a name. Throws ``TransportError/Code/invalidConfiguration``, with the names there are, when nobody
    /// registered it.
    public func expect(_ name: String) throws(TransportError) -> ClientProxy {
        guard let client = clients[name] else {
            throw TransportError(.invalidConfiguration, "no client `\(name)` is registered; there are: \(list)")
        }
        return client
    }

    /// How each client's connections are doing.
    public func health() async -> [String: HealthStatus] {
        var statuses: [String: HealthStatus] = [:]
        for (name, client) in clients { statuses[name] = await client.health() }
        return statuses
    }

    private var list: String { clients.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", ") }
}

extension ClientsService: OnApplicationShutdown {
    /// Closes every client, after the handlers that used them are done.
    public func onApplicationShutdown(_ signal: String?) async {
        for client in clients.values { await client.close() }
    }
}
