import NIOCore

/// Whether Redis can be reached, and can be trusted with messages: `try RedisBrokerHealth("redis", options)`.
///
/// Keeps one connection, which notices by itself when the server is gone, and measures a round trip over it. With
/// streams and lists it looks at what Redis is set to: one that throws keys away when its memory is full, or writes
/// nothing to its disk, is `degraded`. For a group it counts how many events wait, and the dead letters. For a broker
/// that is called anyway, give it the client: its connection is read then.
public struct RedisBrokerHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let source: BrokerHealthSource<RedisProbe>

    /// An indicator that reads a client's connection.
    public init(_ name: String, _ client: ClientProxy) {
        self.name = name
        source = .client(ClientHealth(name, client))
    }

    /// An indicator with a connection of its own. Throws `invalid_configuration` for options that cannot work.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - options: Where Redis is, and how it is used.
    ///   - group: Whose waiting events and dead letters are counted.
    ///   - maxLag: With more waiting events than this the verdict is `degraded`; nil: any number will do.
    public init(
        _ name: String, _ options: RedisOptions, group: String? = nil, maxLag: UInt64? = nil
    ) throws(TransportError) {
        try options.validate()
        self.name = name
        source = .probe(try RedisProbe(options, group: group, maxLag: maxLag))
    }

    /// Asks over the live connection, after an attempt to connect when there is none.
    public func check() async throws -> HealthStatus { try await source.check() }
}

/// A connection that is only asked how Redis is.
private final class RedisProbe: BrokerProbe {
    private let options: RedisOptions
    private let keys: RedisKeys
    private let group: String?
    private let maxLag: UInt64?
    private let link: BrokerLink<RedisSession>

    init(_ options: RedisOptions, group: String?, maxLag: UInt64?) throws(TransportError) {
        self.options = options
        self.group = group
        self.maxLag = maxLag
        keys = RedisKeys(prefix: options.prefix)
        let environment = TransportEnvironment.quiet
        let connector = try RedisConnector(options, loop: environment.eventLoopGroup.next())
        link = BrokerLink(
            BrokerLinkSettings(redis: options), environment: environment,
            owner: BrokerLink.Owner(prepare: { _ in }, lost: { _ in }),
            connect: { () throws(TransportError) in try await connector.session(RedisSession.Plan()) })
    }

    deinit { link.abandon(TransportError(.closed, "the indicator is gone")) }

    func check() async -> HealthStatus {
        var details: [String: String] = [:]
        do throws(TransportError) {
            let session = try await session()
            details["server"] = session.summary
            let begin = ContinuousClock.now
            _ = try await session.commands.ask(["PING"], "asking Redis", within: options.connectTimeout)
            details["round_trip_us"] = String(Int((ContinuousClock.now - begin) / .microseconds(1)))
            guard options.mode != .pubSub else { return .up(details) }
            var isFine = try await look(at: session, &details)
            if let group { isFine = try await count(group, over: session, &details) && isFine }
            return isFine ? .up(details) : .degraded(details)
        } catch {
            details["error"] = "\(error)"
            return .down(details)
        }
    }

    private func session() async throws(TransportError) -> RedisSession {
        if link.connection == nil { try await link.connect(until: .now() + TimeAmount(options.connectTimeout)) }
        guard let session = link.connection else { throw TransportError(.disconnected, "Redis cannot be reached") }
        return session
    }

    /// False when Redis may lose messages.
    private func look(at session: RedisSession, _ details: inout [String: String]) async throws(TransportError) -> Bool
    {
        let (facts, saving) = try await RedisFacts.read(session, within: options.connectTimeout)
        if let version = facts.version { details["version"] = version }
        if let role = facts.role { details["role"] = role }
        let problems = RedisFacts.problems(facts, saving: saving)
        if !problems.isEmpty { details["problem"] = problems.joined(separator: "; ") }
        return problems.isEmpty
    }

    /// False when too many events wait.
    private func count(
        _ group: String, over session: RedisSession, _ details: inout [String: String]
    ) async throws(TransportError) -> Bool {
        let isStream = options.mode == .streams
        let events = isStream ? ["XINFO", "GROUPS", keys.events] : ["LLEN", keys.events(of: group)]
        let replies = try await session.commands.replies(
            to: [["XLEN", keys.dead(group)], events], "counting what waits", within: options.connectTimeout)
        if let dead = replies[0].integer { details["dead_letters"] = String(dead) }
        var lag = replies[1].integer
        if isStream, let fields = replies[1].elements.lazy.map(\.fields).first(where: { $0["name"]?.text == group }) {
            lag = fields["lag"]?.integer
            if let pending = fields["pending"]?.integer { details["unacknowledged"] = String(pending) }
        }
        guard let lag else { return true }
        details["lag"] = String(lag)
        return maxLag.map { lag <= Int64(clamping: $0) } ?? true
    }
}
