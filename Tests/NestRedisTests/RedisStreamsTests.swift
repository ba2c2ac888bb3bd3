import NestRedis
import NestTesting
import Testing

/// What only streams, or streams and lists, can do.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisStreamsTests {
    private func options(
        _ mode: RedisMode = .streams, _ configure: (inout RedisOptions) -> Void = { _ in }
    ) async throws -> RedisOptions {
        var options = RedisOptions.test(try await Brokers.shared.plain().url, mode)
        configure(&options)
        return options
    }

    @Test func emitsAreKeptForGroupsThatComeLater() async throws {
        let options = try await options { $0.start = .beginning }
        let client = try ClientProxy.redis(options)
        for number in 0..<5 { try await client.emit("test.noted", "\(number)") }
        let service = try await RedisService.start(options)
        try await service.probe.log.eventually("the events") { $0 == (0..<5).map { "a \($0)" } }
        await service.stop()
        for number in 5..<8 { try await client.emit("test.noted", "\(number)") }
        let next = try await RedisService.start(options)
        try await next.probe.log.eventually("what came meanwhile") { $0 == (5..<8).map { "a \($0)" } }
        await client.close()
        await next.stop()
    }

    @Test func newGroupsBeginWhereTheyAreTold() async throws {
        let broker = try await Brokers.shared.plain()
        let options = try await options()
        let client = try ClientProxy.redis(options)
        for number in 0..<8 { try await client.emit("test.noted", "\(number)") }
        let entries = try await broker.run("XRANGE", "\(options.prefix):events", "-", "+").split(separator: "\n")
        let ids = entries.filter { $0.wholeMatch(of: /\d+-\d+/) != nil }.map(String.init)
        let time = try #require(Int64(ids[5].split(separator: "-")[0]))
        let starts: [(RedisStart, Int)] = [
            (.beginning, 0), (.after(id: ids[2]), 3), (.now, 8),
            (.time(millisecondsSince1970: time), try #require(ids.firstIndex { $0.hasPrefix("\(time)-") })),
        ]
        for (number, (start, first)) in starts.enumerated() {
            var replay = options
            replay.start = start
            let service = try await RedisService.start(replay) { $0.group = "group \(number)" }
            try await client.emit("test.noted", "last")
            let expected = (first..<8).map { "a \($0)" } + Array(repeating: "a last", count: number + 1)
            let log = try await service.probe.log.eventually("\(start)") { $0.last == "a last" }
            #expect(start == .now ? log == ["a last"] : log.starts(with: expected.prefix(log.count)), "\(start)")
            await service.stop()
        }
        await client.close()
    }

    @Test func keysKeepTheirOrder() async throws {
        let options = try await options()
        let log = Watched<[String]>([])
        let services = try await [
            RedisService.start(options, probe: ServiceProbe("a", log: log)),
            RedisService.start(options, probe: ServiceProbe("b", log: log)),
        ]
        let client = try ClientProxy.redis(options)
        for number in 0..<20 {
            for key in ["k", "l"] {
                let text = "\(key)\(number)\(number % 7 == 3 ? "!" : "")"
                try await client.emit("test.step", text, options: CallOptions(key: key))
            }
        }
        let seen = try await log.eventually("all") { $0.count == 2 * (20 + 3 * 2) }
        for key in ["k", "l"] {
            let expected = (0..<20).flatMap { number in
                number % 7 == 3 ? (1...3).map { "\(key)\(number)! \($0)" } : ["\(key)\(number) 1"]
            }
            #expect(seen.filter { $0.hasPrefix(key) } == expected)
        }
        await client.close()
        for service in services { await service.stop() }
    }

    @Test(arguments: RedisMode.durable)
    func deadLettersAreListedReplayedAndDiscarded(_ mode: RedisMode) async throws {
        let options = try await options(mode)
        let first = try await RedisService.start(options)
        let other = try await RedisService.start(options, probe: ServiceProbe("b")) { $0.group = "other" }
        let client = try ClientProxy.redis(options)
        try await client.emit("test.broken", "x", options: CallOptions(headers: ["tenant": "acme", "text": "a: b"]))
        let letters = try RedisDeadLetters(options, group: "test")
        let found = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count == 1
        }
        let letter = try #require(found.first)
        #expect(letter.pattern == "test.broken")
        #expect(letter.payload?.description == #""x""#)
        #expect(letter.headers["tenant"] == "acme")
        #expect(letter.headers["text"] == "a: b")
        #expect(letter.headers["nest-dead-reason"] == "max_attempts")
        #expect(letter.headers["nest-attempt"] == "3")
        #expect(first.probe.log.value == ["x 1", "x 2", "x 3"])
        #expect(try await letters.show(letter.id)?.pattern == "test.broken")
        try await other.probe.log.eventually("the other group's tries") { $0.count == 3 }

        try await letters.replay(letter.id)
        try await first.probe.log.eventually("three more tries") { $0.count == 6 }
        let again = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count == 1 && $0[0].id != letter.id
        }
        #expect(other.probe.log.value.count == 3)
        try await letters.discard(again[0].id)
        #expect(try await letters.count() == 0)
        await client.close()
        await first.stop()
        await other.stop()
    }

    /// What is no message is kept aside with its reason, and holds up nobody.
    @Test func unreadableEntriesAreKeptAside() async throws {
        let broker = try await Brokers.shared.plain()
        let options = try await options()
        let service = try await RedisService.start(options)
        for stream in ["events", "rpc:test"] {
            try await broker.run("XADD", "\(options.prefix):\(stream)", "*", "m", "no json")
            try await broker.run("XADD", "\(options.prefix):\(stream)", "*", "other", "field")
        }
        let client = try ClientProxy.redis(options)
        try await client.emit("test.noted", "next")
        try await service.probe.log.eventually("the next one") { $0 == ["a next"] }
        try await client.answered()
        let letters = try RedisDeadLetters(options, group: "test")
        let found = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count >= 2
        }
        #expect(found.allSatisfy { $0.headers["nest-dead-reason"] == "invalid_message" })
        await client.close()
        await service.stop()
    }
}
