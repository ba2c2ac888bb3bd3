/// How a client is doing: `ClientHealth("orders", proxy)`.
///
/// Looks at its connections, after telling a client that is not up to connect: so it is known before the first call
/// whether anybody is there. A service that hangs keeps its connections, so where they lead to the service itself
/// (``Guarantees/direct``) it is asked ``Pattern/ping`` too. Any answer means up, also that it has no handler for that:
/// what answers is at work. How long an answer may take is up to the ``HealthRegistry``, and to the client's timeout.
public struct ClientHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let client: ClientProxy
    private let question: Pattern?

    /// An indicator for a client.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - client: Whose connections it looks at.
    ///   - probes: False: nothing is sent, and a service that hangs counts as up.
    public init(_ name: String, _ client: ClientProxy, probes: Bool = true) {
        self.init(name, client, probes && client.guarantees.contains(.direct) ? .ping : nil)
    }

    /// An indicator that asks the service a question of yours, whatever the transport: a request without payload, for
    /// which somebody has to be there. What a handler throws is an answer too.
    public init(_ name: String, _ client: ClientProxy, asking pattern: Pattern) {
        self.init(name, client, Optional(pattern))
    }

    /// An indicator that is called as its client.
    public init(_ client: ClientProxy) { self.init(client.name, client) }

    private init(_ name: String, _ client: ClientProxy, _ question: Pattern?) {
        self.name = name
        self.client = client
        self.question = question
    }

    /// Reads the live connections, after an attempt to connect when they are not up, and asks.
    public func check() async throws -> HealthStatus {
        do throws(TransportError) {
            let status = try await connections()
            guard let question, status.state != .down else { return status }
            try await ask(question)
            return status
        } catch {
            let facts = await client.health().details
            return .down(facts.merging(["error": "\(error.code): \(error.message)"]) { $1 })
        }
    }

    private func connections() async throws(TransportError) -> HealthStatus {
        let status = await client.health()
        guard status.state != .up else { return status }
        try await client.connect()
        return await client.health()
    }

    /// Throws when nobody has answered.
    private func ask(_ pattern: Pattern) async throws(TransportError) {
        do throws(TransportError) {
            _ = try await client.exchange(pattern, .null, CallOptions())
        } catch {
            guard error.isAnswer else { throw error }
        }
    }
}

extension TransportError {
    /// False for what a client says by itself.
    fileprivate var isAnswer: Bool {
        switch code {
        case .timeout, .disconnected, .noResponders, .overloaded, .cancelled, .closed, .invalidConfiguration,
            .unsupported:
            false
        default: true
        }
    }
}
