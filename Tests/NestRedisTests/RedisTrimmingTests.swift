import NestRedis
import NestTesting
import Testing

/// What is let go of while something old is still in somebody's hands.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisTrimmingTests {
    /// One event is being handled for long, thousands that came later are done: it stays, and they with it.
    @Test func whatIsInHandStays() async throws {
        let broker = try await RedisBroker.started()
        var options = RedisOptions.test(broker.url)
        options.claimAfter = .seconds(1)
        options.maxEvents = 100
        let stream = "\(options.prefix):events"
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.emit("test.held", "x")
        try await service.probe.gate.eventuallyHolds(1)
        let first = try await broker.run("XRANGE", stream, "-", "+", "COUNT", "1")
        for number in 0..<2_000 { try await client.emit("test.noted", "\(number)") }
        try await service.probe.log.eventually(within: .seconds(20), "the others") { $0.count >= 2_001 }
        let before = try await trims(broker)
        let after = try await waitFor {
            try await trims(broker)
        } until: {
            $0 >= before + 2
        }
        #expect(after >= before + 2, "nobody trims")
        #expect(try await broker.run("XRANGE", stream, "-", "+", "COUNT", "1") == first)
        service.probe.gate.open()
        let left = try await waitFor {
            Int(try await broker.run("XLEN", stream)) ?? -1
        } until: {
            $0 < 1_000
        }
        #expect((0..<1_000).contains(left))
        await client.close()
        await service.stop()
    }

    private func trims(_ broker: RedisBroker) async throws -> Int {
        let lines = try await broker.run("INFO", "commandstats").split(whereSeparator: \.isNewline)
        let line = lines.first { $0.hasPrefix("cmdstat_xtrim:calls=") }
        return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0 != "," }) } ?? 0
    }
}
