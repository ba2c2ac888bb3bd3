import NestRedis
import NestTesting
import Testing

/// The primary moves to another server.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisFailoverTests {
    private func pair() async throws -> (primary: RedisBroker, replica: RedisBroker) {
        let primary = try await RedisBroker.started()
        let replica = try await RedisBroker.started(replicaOf: primary)
        try await replica.synchronized(with: primary)
        return (primary, replica)
    }

    private func emit(_ numbers: Range<Int>, _ client: ClientProxy) async throws {
        for number in numbers { try await client.emit("test.noted", "\(number)", options: .timeout(.seconds(20))) }
    }

    /// The first of the list is a replica: it is not taken for what it is not.
    @Test(arguments: RedisMode.all)
    func aReplicaInTheListIsPassedOver(_ mode: RedisMode) async throws {
        let (primary, replica) = try await pair()
        var options = RedisOptions.test(replica.url, mode)
        options.servers.append(primary.url)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.answered()
        #expect(await client.health().details["server"]?.contains("\(primary.port)") == true)
        await client.close()
        await service.stop()
    }

    /// A replica without its primary that would rather say nothing than what is old: `MASTERDOWN`, whatever it is asked.
    @Test(arguments: RedisMode.all)
    func aReplicaThatHasLostItsPrimaryIsPassedOver(_ mode: RedisMode) async throws {
        let (primary, replica) = try await pair()
        try await replica.run("CONFIG", "SET", "replica-serve-stale-data", "no")
        await primary.process.kill()
        let answer = try await waitFor {
            do {
                return try await replica.run("PING")
            } catch {
                return "\(error)"
            }
        } until: {
            $0.contains("MASTERDOWN")
        }
        #expect(answer.contains("MASTERDOWN"))

        let alone = try ClientProxy.redis(.test(replica.url, mode))
        do throws(TransportError) {
            try await alone.connect()
            Issue.record("it took what has no primary")
        } catch {
            #expect(error.code == .disconnected)
            #expect(error.message.contains("its primary is down"), "\(error)")
        }
        await alone.close()

        let other = try await RedisBroker.started()
        var options = RedisOptions.test(replica.url, mode)
        options.servers.append(other.url)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.answered()
        #expect(await client.health().details["server"]?.contains("\(other.port)") == true)
        await client.close()
        await service.stop()
    }

    @Test(arguments: RedisMode.all)
    func theReplicaIsPromotedWhenThePrimaryIsGone(_ mode: RedisMode) async throws {
        let (primary, replica) = try await pair()
        var options = RedisOptions.test(primary.url, mode)
        options.servers.append(replica.url)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.answered()
        try await emit(0..<10, client)
        try await replica.synchronized(with: primary)
        await primary.process.kill()
        try await replica.promote()
        try await client.answered()
        try await emit(10..<20, client)
        let expected = Set((0..<20).map { "a \($0)" })
        try await service.probe.log.eventually(within: .seconds(20), "all events") { Set($0) == expected }
        await client.close()
        await service.stop()
    }

    /// Another turn, unless nobody waits any more.
    private func another() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }

    /// The primary lives on, as a replica: it says READONLY, or lets everybody read and nobody write.
    @Test(arguments: RedisMode.all)
    func theTwoChangePlaces(_ mode: RedisMode) async throws {
        let (primary, replica) = try await pair()
        var options = RedisOptions.test(primary.url, mode)
        options.servers.append(replica.url)
        options.pingInterval = .milliseconds(200)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.answered()
        try await replica.promote()
        try await primary.run("REPLICAOF", "127.0.0.1", "\(replica.port)")
        // Over channels it is noticed when the role is asked for: until then both are heard where they are.
        let port = "\(replica.port)"
        try await within(.seconds(20), "the new primary") {
            while await service.health()?.details["server"]?.contains(port) != true { try await self.another() }
            while mode == .pubSub, await client.health().details["server"]?.contains(port) != true {
                try await self.another()
            }
        }
        try await client.answered(within: .seconds(20))
        try await emit(0..<10, client)
        let expected = Set((0..<10).map { "a \($0)" })
        try await service.probe.log.eventually(within: .seconds(20), "all events") { Set($0) == expected }
        #expect(await client.health().details["server"]?.contains("\(replica.port)") == true)
        await client.close()
        await service.stop()
    }

    @Test(arguments: RedisMode.all)
    func aSentinelNamesTheNext(_ mode: RedisMode) async throws {
        let (primary, replica) = try await pair()
        let sentinel = try await RedisSentinelServer.started(watching: primary, password: "s3cret")
        var options = RedisOptions.test("redis://nowhere.invalid:1", mode)
        options.sentinel = RedisSentinel(
            servers: ["redis://127.0.0.1:\(try FreePort.take())", "redis://127.0.0.1:\(sentinel.port)"],
            primary: sentinel.name, credentials: RedisCredentials(password: .value("s3cret")))
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.answered()
        try await emit(0..<10, client)
        try await replica.synchronized(with: primary)
        await primary.process.kill()
        do {
            try await emit(10..<20, client)
        } catch let error as TransportError where mode == .pubSub {
            // At most once: what was under way is not sent again.
            #expect(error.code == .disconnected)
        }
        try await client.answered(within: .seconds(20))
        #expect(try await sentinel.primary() == replica.port)
        let expected = Set((0..<20).map { "a \($0)" })
        if mode != .pubSub {
            try await service.probe.log.eventually(within: .seconds(20), "all events") { Set($0) == expected }
        }
        await client.close()
        await service.stop()
    }
}
