import NIOCore

/// Whether NATS can be reached: `try NatsBrokerHealth("nats", options)`.
///
/// Keeps one connection, which notices by itself when the server is gone, and measures a round trip over it. With a
/// stream it asks whether JetStream answers and, for a group, how many events wait for it. For a broker that is called
/// anyway, give it the client: its connection is read then.
public struct NatsBrokerHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let source: BrokerHealthSource<NatsProbe>

    /// An indicator that reads a client's connection.
    public init(_ name: String, _ client: ClientProxy) {
        self.name = name
        source = .client(ClientHealth(name, client))
    }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - options: Where NATS is, and which stream is looked at.
    ///   - group: Whose waiting events are counted.
    ///   - maxLag: With more waiting events than this the verdict is `degraded`; nil: any number will do.
    public init(
        _ name: String, _ options: NatsOptions, group: String? = nil, maxLag: UInt64? = nil
    ) throws(TransportError) {
        try options.validate()
        self.name = name
        source = .probe(try NatsProbe(options, group: group, maxLag: maxLag))
    }

    /// Asks over the live connection, after an attempt to connect when there is none.
    public func check() async throws -> HealthStatus { try await source.check() }
}

/// A connection that is only asked how it is.
private final class NatsProbe: BrokerProbe {
    private let options: NatsOptions
    private let group: String?
    private let maxLag: UInt64?
    private let notices = NatsNotices { _, _ in }
    private let link: NatsLink

    init(_ options: NatsOptions, group: String?, maxLag: UInt64?) throws(TransportError) {
        self.options = options
        self.group = group.map { JetStreamOptions.consumerName($0) }
        self.maxLag = maxLag
        let environment = TransportEnvironment.quiet
        link = NatsLink(
            connector: try NatsConnector(options: options), loop: try PollLoop(), notices: notices,
            environment: environment,
            owner: NatsLink.Owner(
                prepare: { _ in }, lost: { _, _ in },
                retire: { await $0.retire([], within: options.connectTimeout) }))
    }

    deinit { link.abandon(TransportError(.closed, "the indicator is gone")) }

    func check() async -> HealthStatus {
        var details: [String: String] = [:]
        do throws(TransportError) {
            let connection = try await connection()
            details["server"] = connection.address.description
            let begin = ContinuousClock.now
            try await connection.flush(within: options.connectTimeout)
            details["round_trip_us"] = String(Int((ContinuousClock.now - begin) / .microseconds(1)))
            guard let stream = options.stream(NatsSubjects(prefix: options.prefix), over: connection) else {
                return .up(details)
            }
            return try await look(at: stream, details)
        } catch {
            details["error"] = "\(error)"
            return .down(details)
        }
    }

    private func connection() async throws(TransportError) -> NatsConnection {
        if link.connection == nil { try await link.connect(until: .now() + TimeAmount(options.connectTimeout)) }
        guard let connection = link.connection else { throw TransportError(.disconnected, "NATS cannot be reached") }
        return connection
    }

    private func look(at stream: JetStream, _ facts: [String: String]) async throws(TransportError) -> HealthStatus {
        var details = facts
        guard let info = try await stream.stream(stream.options.stream) else {
            throw TransportError(.invalidConfiguration, "JetStream has no stream `\(stream.options.stream)`")
        }
        details["messages"] = String(info.state.messages)
        if let dead = try await stream.stream(stream.options.deadStream) {
            details["dead_letters"] = String(dead.state.messages)
        }
        guard let group, let consumer = try await stream.consumer(group) else { return .up(details) }
        details["lag"] = String(consumer.num_pending)
        details["unacknowledged"] = String(consumer.num_ack_pending)
        return maxLag.map { consumer.num_pending > $0 } ?? false ? .degraded(details) : .up(details)
    }
}
