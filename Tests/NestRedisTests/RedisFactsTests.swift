import Testing

@testable import NestRedis

@Suite("What Redis says of itself") struct RedisFactsTests {
    private func facts(_ lines: String...) -> RedisFacts { RedisFacts(lines.joined(separator: "\r\n")) }

    @Test("names what may lose messages")
    func problems() {
        let careful = facts("# Memory", "maxmemory_policy:noeviction", "aof_enabled:1", "redis_version:7.0.15")
        #expect(RedisFacts.problems(careful, saving: "").isEmpty)
        #expect(RedisFacts.problems(facts("maxmemory_policy:allkeys-lru", "aof_enabled:1"), saving: "").count == 1)
        #expect(RedisFacts.problems(facts("maxmemory_policy:noeviction", "aof_enabled:0"), saving: "").count == 1)
        // Snapshots are something; and who may not ask is not told that there are none.
        #expect(RedisFacts.problems(facts("aof_enabled:0"), saving: "3600 1").isEmpty)
        #expect(RedisFacts.problems(facts(), saving: "unknown").isEmpty)
    }

    @Test("tells versions that are too old")
    func versions() {
        for version in ["6.2.0", "7.0.15", "10.1.0", ""] { #expect(!facts("redis_version:\(version)").isTooOld) }
        for version in ["6.0.16", "5.0.14", "2.8.0"] { #expect(facts("redis_version:\(version)").isTooOld) }
    }
}
