import NestRedis
import NestTesting
import Testing

extension TransportFixture {
    private static let waits = "a request whose service has died waits for another instance"

    private static func redis(
        _ name: String, _ mode: RedisMode, canCut: Bool = false,
        makeStage: @escaping @Sendable () async throws -> RedisStage
    ) -> TransportFixture {
        var options = RedisOptions()
        options.mode = mode
        return TransportFixture(
            "redis, \(mode), \(name)", guarantees: RedisTransport(options).guarantees, canCut: canCut,
            exempt: mode == .pubSub
                ? ["a broadcast reaches every instance": "everything reaches every instance"]
                : ["a killed server's callers get an error at once": waits],
            makeStage: makeStage)
    }

    static func plain(_ mode: RedisMode) -> TransportFixture {
        redis("plain", mode) { try RedisStage(try await Brokers.shared.plain(), mode) }
    }

    static func secure(_ mode: RedisMode) -> TransportFixture {
        redis("TLS and a user", mode) { try RedisStage(try await Brokers.shared.secure(mode), mode) { try $0.login() } }
    }

    static func proxied(_ mode: RedisMode) -> TransportFixture {
        redis("through a proxy", mode, canCut: true) {
            try RedisStage(try await Brokers.shared.plain(), mode, proxied: true)
        }
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .plain(.streams)))
    func streams(_ testCase: TransportCase) async throws { try await testCase.run(on: .plain(.streams)) }

    @Test(arguments: TransportSuite.cases(for: .plain(.lists)))
    func lists(_ testCase: TransportCase) async throws { try await testCase.run(on: .plain(.lists)) }

    @Test(arguments: TransportSuite.cases(for: .plain(.pubSub)))
    func pubSub(_ testCase: TransportCase) async throws { try await testCase.run(on: .plain(.pubSub)) }

    @Test(arguments: TransportSuite.cases(for: .secure(.streams)))
    func secureStreams(_ testCase: TransportCase) async throws { try await testCase.run(on: .secure(.streams)) }

    @Test(arguments: TransportSuite.cases(for: .secure(.lists)))
    func secureLists(_ testCase: TransportCase) async throws { try await testCase.run(on: .secure(.lists)) }

    @Test(arguments: TransportSuite.cases(for: .secure(.pubSub)))
    func securePubSub(_ testCase: TransportCase) async throws { try await testCase.run(on: .secure(.pubSub)) }

    @Test(arguments: RedisMode.all, TransportSuite.cases(for: .proxied(.streams)).filter(\.needsCut))
    func proxied(_ mode: RedisMode, _ testCase: TransportCase) async throws {
        try await testCase.run(on: .proxied(mode))
    }
}
