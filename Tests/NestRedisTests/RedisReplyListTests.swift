import NestRedis
import NestTesting
import Testing

/// Answers that wait in a list of the client's own.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisReplyListTests {
    private func options(_ broker: RedisBroker, _ mode: RedisMode, expiry: Duration = .seconds(60)) -> RedisOptions {
        var options = RedisOptions.test(broker.url, mode)
        options.replies = .list(expiry: expiry)
        return options
    }

    /// A client behind a proxy, and a service that is not.
    private func scene(
        _ mode: RedisMode, _ options: RedisOptions, _ broker: RedisBroker
    ) async throws -> (scene: OutageScene, proxy: FaultProxy) {
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        var behind = options
        behind.servers = ["redis://127.0.0.1:\(try await proxy.start())"]
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(behind)
        try await client.connect()
        return (OutageScene(broker: broker, options: options, service: service, client: client), proxy)
    }

    private func cutOff(_ client: ClientProxy, by proxy: FaultProxy) async throws {
        try await proxy.set(.refuse)
        try await proxy.cut()
        while await client.health().state != .down { await Task.yield() }
    }

    private func lists(_ options: RedisOptions, _ broker: RedisBroker) async throws -> [String] {
        try await broker.run("KEYS", "\(options.prefix):inbox:*").split(separator: "\n").map(String.init)
    }

    /// The answers come while the client is away; it gets them when it is back.
    @Test(arguments: RedisMode.durable)
    func answersWaitForTheClient(_ mode: RedisMode) async throws {
        let broker = try await Brokers.shared.plain()
        let options = options(broker, mode)
        let (scene, proxy) = try await scene(mode, options, broker)
        let calls = scene.heldCalls(20)
        try await scene.service.probe.gate.eventuallyHolds(20)
        try await cutOff(scene.client, by: proxy)
        scene.service.probe.gate.open()
        let list = try #require(
            try await waitFor {
                try await lists(options, broker)
            } until: {
                !$0.isEmpty
            }.first)
        let waiting = try await waitFor {
            try await broker.run("LLEN", list)
        } until: {
            $0 == "20"
        }
        #expect(waiting == "20")
        let left = Int(try await broker.run("PTTL", list)) ?? -1
        #expect((1...60_000).contains(left), "\(left) ms are left of a minute")
        try await proxy.set(.pass)
        let codes = try await within(.seconds(10), "the answers") { await calls.codes }
        #expect(codes == Array(repeating: nil, count: 20))
        try await scene.client.answered()
        // What was read is let go of.
        let rest = try await waitFor {
            try await broker.run("LLEN", list)
        } until: {
            $0 == "0"
        }
        #expect(rest == "0")
        await scene.close()
        #expect(try await lists(options, broker) == [])
        try await proxy.close()
    }

    /// A client that never comes back: nothing is left of it.
    @Test func answersExpire() async throws {
        let broker = try await Brokers.shared.plain()
        let options = options(broker, .streams, expiry: .seconds(1))
        let (scene, proxy) = try await scene(.streams, options, broker)
        let calls = scene.heldCalls(3)
        try await scene.service.probe.gate.eventuallyHolds(3)
        try await cutOff(scene.client, by: proxy)
        scene.service.probe.gate.open()
        let there = try await waitFor {
            try await lists(options, broker)
        } until: {
            !$0.isEmpty
        }
        #expect(there.count == 1)
        let gone = try await waitFor {
            try await lists(options, broker)
        } until: {
            $0.isEmpty
        }
        #expect(gone == [])
        await scene.client.close()
        #expect(Set(await calls.codes) == [.closed])
        await scene.service.stop()
        try await proxy.close()
    }

    /// Connections of both sides are killed in the middle of everything: what Redis has confirmed is answered, nothing
    /// times out.
    @Test(arguments: RedisMode.durable)
    func noAnswerIsLostWithItsConnection(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode) {
            $0.replies = .list()
            $0.claimAfter = .seconds(1)
        }
        let load = CallLoad(scene.client, timeout: .seconds(20))
        for _ in 0..<5 {
            try await load.replies(200)
            try await scene.broker.run("CLIENT", "KILL", "TYPE", "normal")
        }
        try await load.replies(500)
        let codes = await load.end()
        #expect(codes.isSubset(of: [.disconnected, .cancelled]), "\(codes)")
        #expect(await scene.client.health().details["pending"] == "0")
        await scene.close()
    }

    /// A call whose request may not have reached Redis is told at once; streams end with their connection.
    @Test func streamsEndWithTheConnection() async throws {
        let broker = try await Brokers.shared.plain()
        let options = options(broker, .streams)
        let (scene, proxy) = try await scene(.streams, options, broker)
        var numbers = try await scene.client.stream("test.count", 5_000, of: Int.self).makeAsyncIterator()
        for expected in 1...10 { #expect(try await numbers.next() == expected) }
        try await proxy.cut()
        await #expect(throws: TransportError.self) {
            while try await numbers.next() != nil {}
        }
        try await scene.answered()
        await scene.close()
        try await proxy.close()
    }

    @Test func optionsThatCannotWork() throws {
        var options = RedisOptions()
        options.mode = .pubSub
        options.replies = .list()
        let environment = RedisTransport(options)
        #expect(throws: TransportError.self) { try ClientProxy(ClientConfig("x", transport: environment)) }
        options.mode = .streams
        options.replies = .list(expiry: .milliseconds(10))
        let short = RedisTransport(options)
        #expect(throws: TransportError.self) { try ClientProxy(ClientConfig("x", transport: short)) }
    }
}
