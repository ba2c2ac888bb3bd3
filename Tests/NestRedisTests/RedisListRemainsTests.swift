import NestRedis
import NestTesting
import Testing

/// Elements that Redis moves into a consumer's list when nobody is there any more to hear of it: for a command that was on
/// its way when its sender died.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisListRemainsTests {
    private struct Scene {
        let broker: RedisBroker
        let options: RedisOptions

        static func made() async throws -> Scene {
            let broker = try await RedisBroker.started()
            var options = RedisOptions.test(broker.url, .lists)
            options.claimAfter = .seconds(1)
            return Scene(broker: broker, options: options)
        }

        /// The consumers of the group's events.
        func names() async throws -> [String] {
            let answer = try await broker.run("SMEMBERS", "\(options.prefix):consumers:events:test")
            return answer.split(separator: "\n").map(String.init)
        }

        /// As Redis does it for a consumer's command.
        func give(_ text: String, to consumer: String) async throws {
            let element = #"{"kind":"emit","pattern":"test.noted","payload":"\#(text)"}"#
            try await broker.run("LPUSH", "\(options.prefix):work:\(consumer)", element)
        }
    }

    /// A service that ends at once has a command waiting in Redis.
    @Test func whoEndsAtOnceIsLookedAfter() async throws {
        let scene = try await Scene.made()
        let first = try await RedisService.start(scene.options)
        let name = try #require(try await scene.names().first)
        await first.kill()
        #expect(try await scene.names() == [name])
        try await scene.give("late", to: name)
        let second = try await RedisService.start(scene.options, probe: ServiceProbe("b"))
        try await second.probe.log.eventually("what came late") { $0 == ["b late"] }
        await second.stop()
        #expect(try await !scene.names().contains { $0 != name })
    }

    /// A dead consumer is found with nothing, and gets something afterwards.
    @Test func theDeadAreNotForgottenAtOnce() async throws {
        let scene = try await Scene.made()
        let service = try await RedisService.start(scene.options)
        try await scene.broker.run("SADD", "\(scene.options.prefix):consumers:events:test", "ghost")
        let since = try await waitFor {
            try await scene.broker.run("HGET", "\(scene.options.prefix):gone:events:test", "ghost")
        } until: {
            !$0.isEmpty
        }
        #expect(Int(since) != nil)
        try await scene.give("late", to: "ghost")
        try await service.probe.log.eventually("what came late") { $0 == ["a late"] }
        let left = try await waitFor {
            try await scene.names()
        } until: {
            !$0.contains("ghost")
        }
        #expect(left.count == 1)
        await service.stop()
    }

    /// Redis hears later than the service that a connection is gone.
    @Test func whatComesOverAConnectionThatIsGoneIsFound() async throws {
        let scene = try await Scene.made()
        let service = try await RedisService.start(scene.options)
        let client = try ClientProxy.redis(scene.options)
        try await client.answered()
        let name = try #require(try await scene.names().first)
        try await scene.broker.run("CLIENT", "KILL", "TYPE", "normal")
        try await client.answered()
        try await scene.give("late", to: name)
        try await service.probe.log.eventually(within: .seconds(10), "what came late") { $0 == ["a late"] }
        let left = try await waitFor {
            try await scene.broker.run("LLEN", "\(scene.options.prefix):work:\(name)")
        } until: {
            $0 == "0"
        }
        #expect(left == "0")
        await client.close()
        await service.stop()
    }
}
