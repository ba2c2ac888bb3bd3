import NestRedis
import NestTesting
import Synchronization
import Testing

@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisHealthTests {
    @Test(arguments: RedisMode.all)
    func upAndDown(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode)
        let indicator = try RedisBrokerHealth("redis", scene.options)
        let status = try await indicator.check()
        #expect(status.state == .up, "\(status)")
        #expect(status.details["round_trip_us"] != nil)
        #expect(await scene.service.health()?.state == .up)
        #expect(try await RedisBrokerHealth("client", scene.client).check().state == .up)
        await scene.outage()
        #expect(try await indicator.check().state == .down)
        #expect(try await RedisBrokerHealth("client", scene.client).check().state == .down)
        try await scene.broker.process.start()
        try await scene.answered()
        #expect(try await indicator.check().state == .up)
        await scene.close()
    }

    @Test(arguments: RedisMode.durable)
    func lagAndDeadLetters(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode)
        try await scene.client.emit("test.broken", "x")
        let indicator = try RedisBrokerHealth("redis", scene.options, group: "test", maxLag: 2)
        let status = try await waitFor {
            try await indicator.check()
        } until: {
            $0.details["dead_letters"] == "1"
        }
        #expect(status.state == .up)
        #expect(status.details["dead_letters"] == "1")
        #expect(status.details["lag"] == "0")
        await scene.service.stop()
        for number in 0..<3 { try await scene.client.emit("test.noted", "\(number)") }
        let late = try await indicator.check()
        #expect(late.state == .degraded)
        #expect(late.details["lag"] == "3")
        await scene.client.close()
    }

    /// A Redis that may throw work away says so, in its health and in the log when a service starts.
    @Test(arguments: [
        ("maxmemory-policy allkeys-lru", "maxmemory-policy", "allkeys-lru"), ("appendonly no", "appendonly", "no"),
    ])
    func aRedisThatMayLoseWork(_ line: String, _ setting: String, _ value: String) async throws {
        let broker = try await RedisBroker.started(extra: [line])
        let options = RedisOptions.test(broker.url)
        let lines = Watched<[String]>([])
        let service = try await RedisService.start(options) {
            $0.logger = .recorded(lines)
        }
        let warning = lines.value.first { $0.hasPrefix("warning") && $0.contains(setting) }
        #expect(warning?.contains(value) == true, "\(lines.value)")
        let status = try await RedisBrokerHealth("redis", options).check()
        #expect(status.state == .degraded)
        #expect(status.details.description.contains(value), "\(status.details)")
        await service.stop()
        let careful = try await RedisBroker.started(extra: ["maxmemory-policy noeviction"])
        #expect(try await RedisBrokerHealth("redis", .test(careful.url)).check().state == .up)
    }
}
