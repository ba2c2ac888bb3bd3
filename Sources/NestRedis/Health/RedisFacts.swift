import Logging

/// What a Redis says of itself that matters for what it keeps.
struct RedisFacts: Sendable {
    private let fields: [String: String]

    /// Reads lines of `INFO`.
    init(_ text: String) {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        self.fields = fields
    }

    var version: String? { fields["redis_version"] }
    var role: String? { fields["role"] }
    var isLoading: Bool { fields["loading"] == "1" }

    /// Whether 6.2 commands are there, which streams and lists need.
    var isTooOld: Bool {
        let parts = (version ?? "").split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2 else { return false }
        return parts[0] < 6 || parts[0] == 6 && parts[1] < 2
    }

    /// Redis throws keys away when its memory is full: it may be ours.
    var evicts: String? {
        guard let policy = fields["maxmemory_policy"], policy != "noeviction" else { return nil }
        return policy
    }

    /// Nothing is written down: what is confirmed does not survive a restart.
    func forgets(_ saving: String?) -> Bool {
        guard let append = fields["aof_enabled"] else { return false }
        return append == "0" && (saving ?? "").isEmpty
    }

    /// Reads them, as far as the user may.
    static func read(_ session: RedisSession, within time: Duration) async throws(TransportError) -> (
        facts: RedisFacts, saving: String?
    ) {
        let sections = ["server", "memory", "persistence", "replication"]
        let replies = try await session.commands.replies(
            to: sections.map { ["INFO", $0] } + [["CONFIG", "GET", "save"]], "asking Redis about itself", within: time)
        let text = replies.prefix(sections.count).compactMap { $0.error == nil ? $0.text : nil }
        // Who may not ask for it is not told that nothing is saved.
        let saving = replies[sections.count].error == nil ? replies[sections.count].elements.last?.text : "unknown"
        return (RedisFacts(text.joined(separator: "\n")), saving)
    }

    /// What is wrong with this Redis for a mode that promises to keep messages.
    static func problems(_ facts: RedisFacts, saving: String?) -> [String] {
        var problems: [String] = []
        if let policy = facts.evicts {
            problems.append("maxmemory-policy is \(policy): Redis may throw messages away, it must be noeviction")
        }
        if facts.forgets(saving) {
            problems.append("appendonly is no, and nothing is saved: what is confirmed is gone after a restart")
        }
        return problems
    }

    /// Says at the start what is wrong. Throws for a Redis that cannot do it at all.
    static func warn(about session: RedisSession, _ options: RedisOptions, _ logger: Logger)
        async throws(TransportError)
    {
        guard options.mode != .pubSub else { return }
        let (facts, saving) = try await read(session, within: options.connectTimeout)
        guard !facts.isTooOld else {
            throw TransportError(
                .invalidConfiguration, "Redis \(facts.version ?? "") is too old: streams and lists need 6.2 or newer")
        }
        for problem in problems(facts, saving: saving) {
            logger.warning(
                "this Redis may lose messages", metadata: [LogKey.transport: "redis", LogKey.reason: "\(problem)"])
        }
    }
}
