/// How a client's connections are doing: `ClientHealth("orders", proxy)`.
///
/// A client that is not up, such as one that nobody has used yet, is told to connect: so it is known before the first
/// call whether anybody is there. Nothing is sent.
public struct ClientHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let client: ClientProxy

    /// An indicator for a client.
    public init(_ name: String, _ client: ClientProxy) {
        self.name = name
        self.client = client
    }

    /// An indicator that is called as its client.
    public init(_ client: ClientProxy) { self.init(client.name, client) }

    /// Reads the live connections, after an attempt to connect when they are not up.
    public func check() async throws -> HealthStatus {
        let before = await client.health()
        guard before.state != .up else { return before }
        do throws(TransportError) {
            try await client.connect()
            return await client.health()
        } catch {
            let facts = await client.health().details
            return .down(facts.merging(["error": "\(error.code): \(error.message)"]) { $1 })
        }
    }
}
