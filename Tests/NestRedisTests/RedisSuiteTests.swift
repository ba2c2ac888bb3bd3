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

    /// Answers over lists: the cases that depend on how answers come.
    static func listed(_ mode: RedisMode) -> TransportFixture {
        redis("answers in a list", mode) {
            try RedisStage(try await Brokers.shared.plain(), mode) { $0.replies = .list() }
        }
    }

    static let listedCases: Set<String> = [
        "replies find their callers under load", "typed payloads, null and large ones go both ways",
        "errors keep code, message and details", "an unknown pattern is answered at once",
        "a call times out in time", "cancelling a task ends its wait",
        "a stream's items come in order and end", "a stream's maker does not run ahead of its reader",
        "a single value is a stream of one, and errors come through", "a stream nobody asked for is collected",
        "many streams at once do not mix", "a request that failed unexpectedly is kept, and answered",
        "a graceful shutdown finishes what is running and answers it", "a shutdown under load loses no reply",
        "closing a client fails its calls, and later ones", "when a server is back, the same client works",
    ]

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

    @Test(
        arguments: RedisMode.durable,
        TransportSuite.cases(for: .listed(.streams)).filter { TransportFixture.listedCases.contains($0.name) })
    func answersInAList(_ mode: RedisMode, _ testCase: TransportCase) async throws {
        try await testCase.run(on: .listed(mode))
    }

    @Test func theChosenCasesAreThere() {
        let names = Set(TransportSuite.cases(for: .listed(.streams)).map(\.name))
        #expect(TransportFixture.listedCases.subtracting(names) == [])
    }

    @Test(arguments: RedisMode.all, TransportSuite.cases(for: .proxied(.streams)).filter(\.needsCut))
    func proxied(_ mode: RedisMode, _ testCase: TransportCase) async throws {
        try await testCase.run(on: .proxied(mode))
    }
}
