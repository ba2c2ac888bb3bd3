import NestRedis
import NestTesting

/// Servers that all tests of a run share, each started when it is first asked for.
actor Brokers {
    static let shared = Brokers()

    private var started: [String: Task<RedisBroker, any Error>] = [:]

    func broker(_ name: String, _ access: RedisBroker.Access = .open) async throws -> RedisBroker {
        if let task = started[name] { return try await task.value }
        let task = Task { try await RedisBroker.started(access) }
        started[name] = task
        return try await task.value
    }

    /// Everybody, in plain text.
    func plain() async throws -> RedisBroker { try await broker("plain") }

    /// TLS, and a user who may do what the documentation says it must.
    func secure(_ mode: RedisMode = .streams) async throws -> RedisBroker {
        let tls = try TestCertificates.shared.get().server()
        let rules = RedisTestRules.rules(mode)
        return try await broker("secure, \(rules)", .user("app", password: "s3c:r@t", rules: rules, tls: tls))
    }
}

/// What a user of NestRedis must be allowed to do, as the documentation says it.
enum RedisTestRules {
    static func rules(_ mode: RedisMode) -> String {
        let channels = mode == .pubSub ? "allchannels" : "&case* &p*"
        return "~case* ~p* \(channels) +@all -@admin -@dangerous +client|unblock +info +role +config|get"
    }
}
