import NestRedis
import NestTesting

// Stand-ins until NestRedis has these.
struct RedisDeadLetters {
    struct Letter: Sendable { var id = "", pattern = "", payload: Payload?, headers = MessageHeaders() }
    init(_ options: RedisOptions, group: String) throws {}
    func list() async throws -> [Letter] { throw TransportError(.unsupported, "not there yet") }
    func show(_ id: String) async throws -> Letter? { nil }
    func replay(_ letter: Letter) async throws {}
    func discard(_ id: String) async throws {}
}

struct RedisBrokerHealth {
    init(_ name: String, _ options: RedisOptions, group: String? = nil, maxLag: UInt64? = nil) throws {}
    init(_ name: String, _ client: ClientProxy) {}
    func check() async throws -> HealthStatus { throw TransportError(.unsupported, "not there yet") }
}
