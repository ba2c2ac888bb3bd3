/// Three `nats-server`s that know each other, with JetStream.
public final class NatsCluster: Sendable {
    /// The servers.
    public let members: [NatsBroker]

    /// A cluster that is started, and has elected a leader.
    public static func started() async throws -> NatsCluster {
        let routes = try (0..<3).map { _ in try FreePort.take() }
        let urls = routes.map { "nats://127.0.0.1:\($0)" }.joined(separator: ", ")
        let members = try routes.map { port in
            try NatsBroker(
                jetStream: true,
                extra: "cluster { name: nest, listen: 127.0.0.1:\(port), routes: [\(urls)] }")
        }
        for member in members { try await member.process.start() }
        return NatsCluster(members)
    }

    private init(_ members: [NatsBroker]) { self.members = members }

    /// Where clients connect.
    public var urls: [String] { members.map(\.url) }
}
