/// Several `rabbitmq-server` in one cluster. It takes about a minute to start, and 0.4 GB.
public final class RabbitMQCluster: Sendable {
    /// Its nodes.
    public let members: [RabbitMQBroker]

    /// A cluster that is started, in which every node has seen all others.
    public static func started(nodes: Int = 3) async throws -> RabbitMQCluster {
        let mapper = try RabbitMQBroker.Place.makeMapper()
        let places = try (0..<nodes).map { _ in try RabbitMQBroker.Place(mapper: mapper) }
        let members = places.map { RabbitMQBroker($0, extra: discovery(of: $0, by: places[0])) }
        // The first alone: nodes that begin together look for each other for five seconds, and one that finds nobody who
        // is ready by then forms a cluster of its own.
        try await members[0].start(within: limit)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for member in members.dropFirst() { group.addTask { try await member.start(within: limit) } }
            try await group.waitForAll()
        }
        for member in members { try await member.control("await_online_nodes", "\(nodes)", "--timeout", "60") }
        return RabbitMQCluster(members)
    }

    private static let limit = Duration.seconds(180)

    private init(_ members: [RabbitMQBroker]) { self.members = members }

    /// Where clients connect.
    public var urls: [String] { members.map(\.url) }

    /// Every node joins the first one. It must find itself in the list too, or it does not wait for its turn.
    private static func discovery(of place: RabbitMQBroker.Place, by first: RabbitMQBroker.Place) -> String {
        let names = place.node == first.node ? [first.node] : [first.node, place.node]
        let lines = names.enumerated().map { "cluster_formation.classic_config.nodes.\($0 + 1) = \($1)" }
        return (["cluster_formation.peer_discovery_backend = classic_config"] + lines).joined(separator: "\n")
    }
}
