/// Several `rabbitmq-server` in one cluster. It takes about a minute to start, and 0.4 GB.
public final class RabbitMQCluster: Sendable {
    /// Its nodes.
    public let members: [RabbitMQBroker]

    /// A cluster that is started.
    public static func started(nodes: Int = 3) async throws -> RabbitMQCluster {
        let mapper = try RabbitMQBroker.Place.makeMapper()
        let places = try (0..<nodes).map { _ in try RabbitMQBroker.Place(mapper: mapper) }
        let names = places.enumerated().map { "cluster_formation.classic_config.nodes.\($0 + 1) = \($1.node)" }
        let extra = (["cluster_formation.peer_discovery_backend = classic_config"] + names).joined(separator: "\n")
        let members = places.map { RabbitMQBroker($0, extra: extra) }
        try await mapper.process.start()
        // At the same time: they wait for each other.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { try await member.start(within: .seconds(180)) } }
            try await group.waitForAll()
        }
        return RabbitMQCluster(members)
    }

    private init(_ members: [RabbitMQBroker]) { self.members = members }

    /// Where clients connect.
    public var urls: [String] { members.map(\.url) }
}
