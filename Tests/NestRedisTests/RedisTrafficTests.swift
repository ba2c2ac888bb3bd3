import NestRedis
import NestTesting
import Testing

/// What Redis sees of us.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisTrafficTests {
    /// How often each command was carried out.
    private func counts(_ broker: RedisBroker) async throws -> [String: Int] {
        let lines = try await broker.run("INFO", "commandstats").split(whereSeparator: \.isNewline)
        let pairs = lines.compactMap { line -> (String, Int)? in
            guard let match = line.wholeMatch(of: /cmdstat_([a-z|]+):calls=(\d+),.*/) else { return nil }
            return Int(match.2).map { (String(match.1), $0) }
        }
        return Dictionary(pairs) { $1 }
    }

    @Test(arguments: RedisMode.all)
    func theConnectionsSayWhoTheyAre(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode) { $0.name = "shop-7" }
        let list = try await scene.broker.run("CLIENT", "LIST")
        let names = Set(list.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("name=shop-7:") })
        var expected: Set<Substring> = ["name=shop-7:commands", "name=shop-7:subscriptions"]
        if mode != .pubSub { expected.insert("name=shop-7:reading") }
        #expect(names == expected)
        // Nobody ever asks for the third version of the protocol.
        #expect(try await counts(scene.broker)["hello"] == nil)
        await scene.close()
    }

    /// Entries are asked for and acknowledged many at a time when there are many.
    @Test func muchIsSaidAtOnce() async throws {
        let scene = try await OutageScene.make(.streams) { $0.batch = 100 }
        let count = 4_000
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count { group.addTask { try await scene.client.emit("test.noted", "\(number)") } }
            try await group.waitForAll()
        }
        try await scene.service.probe.log.eventually(within: .seconds(30), "all events") { $0.count >= count }
        let pending = try await waitFor {
            try await scene.broker.run("XPENDING", "\(scene.options.prefix):events", "test")
        } until: {
            $0.hasPrefix("0")
        }
        #expect(pending.hasPrefix("0"))
        let calls = try await counts(scene.broker)
        #expect(calls["xadd"] == count)
        for command in ["xack", "xreadgroup"] {
            let number = try #require(calls[command])
            #expect((1...count / 4).contains(number), "\(number) \(command) for \(count) entries")
        }
        await scene.close()
    }
}
