import NestRedis
import NestTesting
import Testing

/// What is left in Redis, what is let go of, and what is made again.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisHousekeepingTests {
    private func options(
        _ broker: RedisBroker, _ mode: RedisMode = .streams, _ configure: (inout RedisOptions) -> Void = { _ in }
    ) -> RedisOptions {
        var options = RedisOptions.test(broker.url, mode)
        options.claimAfter = .seconds(1)
        configure(&options)
        return options
    }

    /// Redis has forgotten everything, groups and all.
    @Test(arguments: RedisMode.all)
    func groupsAreMadeAgain(_ mode: RedisMode) async throws {
        let broker = try await RedisBroker.started()
        let options = options(broker, mode)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.emit("test.noted", "before")
        try await service.probe.log.eventually("the first") { $0 == ["a before"] }
        for round in 1...3 {
            try await broker.run("FLUSHALL")
            for number in 0..<5 { try await client.emit("test.noted", "\(round).\(number)") }
            try await client.answered()
            let expected = Set((0..<5).map { "a \(round).\($0)" })
            try await service.probe.log.eventuallyContains(expected, "what came after the loss")
        }
        #expect(service.probe.log.value.count == 16)
        await client.close()
        await service.stop()
    }

    /// A group alone is gone: nothing that came before is handled again.
    @Test func aDestroyedGroupIsMadeAgain() async throws {
        let broker = try await RedisBroker.started()
        let options = options(broker)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.emit("test.noted", "1")
        try await service.probe.log.eventually("the first") { $0 == ["a 1"] }
        try await broker.run("XGROUP", "DESTROY", "\(options.prefix):events", "test")
        try await broker.run("XGROUP", "DESTROY", "\(options.prefix):rpc:test", "test")
        try await client.emit("test.noted", "2")
        try await service.probe.log.eventually("the second") { $0.last == "a 2" }
        try await client.answered()
        await client.close()
        await service.stop()
    }

    private func consumers(_ broker: RedisBroker, _ options: RedisOptions) async throws -> Int {
        let answer = try await broker.run("XINFO", "CONSUMERS", "\(options.prefix):events", "test")
        return answer.split(separator: "\n").count { $0 == "name" }
    }

    @Test func deadConsumersAreRemoved() async throws {
        let broker = try await RedisBroker.started()
        let options = options(broker)
        let client = try ClientProxy.redis(options)
        for _ in 0..<3 {
            let peer = try await PeerProcess.started(options)
            try await client.emit("user.created", "x")
            try await client.send("echo", 1)
            await peer.kill()
        }
        let service = try await RedisService.start(options)
        try await client.emit("test.noted", "x")
        try await service.probe.log.eventually("an event") { $0.contains("a x") }
        let left = try await waitFor {
            try await consumers(broker, options)
        } until: {
            $0 == 1
        }
        #expect(left == 1)
        await service.stop()
        #expect(try await consumers(broker, options) == 0)
        await client.close()
    }

    private func length(_ broker: RedisBroker, _ options: RedisOptions) async throws -> Int {
        Int(try await broker.run("XLEN", "\(options.prefix):events")) ?? -1
    }

    /// What is pending or unread stays, whatever the limit says; what all groups have done goes.
    @Test func trimmingNeverTakesWhatIsNotDone() async throws {
        let broker = try await RedisBroker.started()
        let options = options(broker) { $0.maxEvents = 100 }
        let service = try await RedisService.start(options) { $0.maxInFlight = 8 }
        let client = try ClientProxy.redis(options)
        for number in 0..<2_000 { try await client.emit("test.held", "\(number)") }
        try await service.probe.gate.eventuallyHolds(8)
        try await Task.sleep(for: .seconds(3))
        #expect(try await length(broker, options) == 2_000)
        service.probe.gate.open()
        let log = try await service.probe.log.eventually(within: .seconds(20), "all of them") { $0.count >= 4_000 }
        #expect(Set(log).count == 4_000)
        let left = try await waitFor {
            try await client.emit("test.noted", "x")
            return try await length(broker, options)
        } until: {
            $0 < 1_000
        }
        #expect(left < 1_000)
        await client.close()
        await service.stop()
    }

    /// A group whose service is away for a while keeps its events too.
    @Test func trimmingWaitsForAGroupThatIsAway() async throws {
        let broker = try await RedisBroker.started()
        let options = options(broker) { $0.maxEvents = 100 }
        let away = try await RedisService.start(options, probe: ServiceProbe("b")) { $0.group = "away" }
        await away.stop()
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        for number in 0..<1_000 { try await client.emit("test.noted", "\(number)") }
        try await service.probe.log.eventually("all") { $0.count == 1_000 }
        try await Task.sleep(for: .seconds(3))
        let back = try await RedisService.start(options, probe: ServiceProbe("b")) { $0.group = "away" }
        try await back.probe.log.eventually("all of them too") { $0 == (0..<1_000).map { "b \($0)" } }
        await client.close()
        await service.stop()
        await back.stop()
    }

    /// A service and a client that are gone leave nothing but what is kept on purpose.
    @Test(arguments: RedisMode.all)
    func nothingIsLeftBehind(_ mode: RedisMode) async throws {
        let broker = try await RedisBroker.started()
        let options = options(broker, mode)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        for number in 0..<50 {
            let reply: Int = try await client.send("test.later", number)
            #expect(reply == number)
            try await client.emit("test.noted", "\(number)")
        }
        try await service.probe.log.eventually("the events") { $0.count == 50 }
        await client.close()
        await service.stop()
        let keys = try await broker.run("KEYS", "*").split(separator: "\n").map(String.init)
        var forever: [String] = []
        for key in keys where try await broker.run("TTL", key) == "-1" { forever.append(key) }
        let streams = ["\(options.prefix):events", "\(options.prefix):rpc:test"]
        // Lists know by their groups whom an event is for, also while a group is away.
        let kept = mode == .streams ? streams : ["\(options.prefix):groups"]
        #expect(Set(forever).isSubset(of: kept), "\(keys)")
        if mode == .streams {
            #expect(try await broker.run("XLEN", streams[1]) == "0", "answered requests are let go of")
        }
        #expect(try await broker.run("CLIENT", "LIST").split(separator: "\n").count == 1)
    }

    /// A failed event that waits for its next try holds up no other.
    @Test(arguments: RedisMode.durable)
    func delayedRetriesHoldUpNobody(_ mode: RedisMode) async throws {
        let options = options(try await Brokers.shared.plain(), mode)
        let service = try await RedisService.start(options) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 2, backoff: .constant(.seconds(2)))
            $0.maxInFlight = 2
        }
        let client = try ClientProxy.redis(options)
        let begin = ContinuousClock.now
        for number in 0..<10 { try await client.emit("test.broken", "\(number)") }
        for number in 0..<10 { try await client.emit("test.noted", "\(number)") }
        try await service.probe.log.eventually("the others") { $0.count { $0.hasPrefix("a ") } == 10 }
        #expect(ContinuousClock.now - begin < .milliseconds(1_900))
        let log = try await service.probe.log.eventually("the second tries") { $0.count == 30 }
        #expect(ContinuousClock.now - begin >= .seconds(2))
        #expect(log.suffix(10).sorted() == (0..<10).map { "\($0) 2" })
        await client.close()
        await service.stop()
    }

    /// The other instance takes over what waits for its next try.
    @Test(arguments: RedisMode.durable)
    func delayedRetriesSurviveARestart(_ mode: RedisMode) async throws {
        let options = options(try await Brokers.shared.plain(), mode)
        let policy: (inout MicroserviceOptions) -> Void = {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.seconds(1)))
        }
        let service = try await RedisService.start(options, policy)
        let client = try ClientProxy.redis(options)
        try await client.emit("test.broken", "x")
        try await service.probe.log.eventually("the first try") { $0 == ["x 1"] }
        await service.stop()
        let next = try await RedisService.start(options, policy)
        try await next.probe.log.eventually("the other tries") { $0 == ["x 2", "x 3"] }
        await client.close()
        await next.stop()
    }
}
