import NestRedis
import NestTesting
import Testing

/// Redis killed, paused, cut off.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisOutageTests {
    private static let expected: Set<TransportError.Code> = [.disconnected, .noResponders, .cancelled, .timeout]

    @Test(arguments: RedisMode.all)
    func aKilledBrokerFailsCallsAtOnceAndComesBack(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode)
        for round in 1...3 {
            let calls = scene.heldCalls(100)
            try await scene.service.probe.gate.eventuallyHolds(100)
            let begin = ContinuousClock.now
            await scene.broker.process.kill()
            let codes = await calls.codes
            #expect(ContinuousClock.now - begin < .seconds(1))
            #expect(codes.allSatisfy { $0 == .disconnected }, "round \(round): \(codes)")
            while await scene.client.health().state != .down { await Task.yield() }
            #expect(await scene.client.health().details["pending"] == "0")

            let now = ContinuousClock.now
            await #expect(throws: TransportError.self) { try await scene.client.send("test.echo", 1) }
            #expect(ContinuousClock.now - now < .milliseconds(200))
            while await scene.service.health()?.state != .down { await Task.yield() }

            try await scene.broker.process.start()
            try await scene.answered()
            #expect(await scene.client.health().state == .up)
            scene.service.probe.gate.open()
            while scene.service.probe.gate.waiting > 0 { await Task.yield() }
            scene.service.probe.gate.close()
        }
        await scene.close()
    }

    @Test(arguments: RedisMode.all)
    func eventsWaitForTheConnection(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode)
        await scene.outage()
        let events = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await scene.client.emit("test.noted", "\(number)", options: .timeout(.seconds(20)))
                    }
                }
                try await group.waitForAll()
            }
        }
        let begin = ContinuousClock.now
        do throws(TransportError) {
            try await scene.client.emit("test.noted", "late", options: .timeout(.milliseconds(200)))
            Issue.record("it was sent")
        } catch {
            #expect(error.code == .disconnected)
            #expect(ContinuousClock.now - begin >= .milliseconds(190))
        }
        try await scene.broker.process.start()
        try await events.value
        #expect(await scene.client.health().state == .up)
        if mode != .pubSub {
            let expected = Set((0..<20).map { "a \($0)" })
            try await scene.service.probe.log.eventually("all events") { Set($0) == expected }
        }
        await scene.close()
    }

    @Test(arguments: RedisMode.all)
    func eventsThatWaitAreBounded(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode) { $0.maxBufferedBytes = 10_000 }
        await scene.outage()
        let text = String(repeating: "x", count: 4_000)
        let codes = await withTaskGroup(of: TransportError.Code?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do throws(TransportError) {
                        try await scene.client.emit("test.noted", text, options: .timeout(.milliseconds(500)))
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == .overloaded } == 3)
        #expect(codes.count { $0 == .disconnected } == 2)
        await scene.close()
    }

    @Test(arguments: RedisMode.all)
    func killedUnderLoad(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode)
        let load = CallLoad(scene.client)
        for _ in 0..<3 {
            try await load.replies(500)
            await scene.broker.process.kill()
            let errors = load.counts.value.errors[.disconnected] ?? 0
            try await load.counts.eventually("errors") { ($0.errors[.disconnected] ?? 0) > errors }
            try await scene.broker.process.start()
        }
        try await load.replies(500)
        let codes = await load.end()
        #expect(codes.isSubset(of: Self.expected), "\(codes)")
        #expect(await scene.client.health().details["pending"] == "0")
        await scene.close()
    }

    /// Each kind of connection by itself: what reads, what subscribes, all at once.
    @Test(arguments: RedisMode.all, ["normal", "pubsub"])
    func connectionsAreKilledUnderLoad(_ mode: RedisMode, _ kind: String) async throws {
        let scene = try await OutageScene.make(mode)
        let load = CallLoad(scene.client)
        for _ in 0..<5 {
            try await load.replies(200)
            try await scene.broker.run("CLIENT", "KILL", "TYPE", kind)
        }
        try await load.replies(500)
        let codes = await load.end()
        #expect(codes.isSubset(of: Self.expected), "\(codes)")
        #expect(await scene.client.health().details["pending"] == "0")
        try await scene.answered()
        await scene.close()
    }

    /// Short of two questions without an answer nothing is cut: calls take longer, that is all.
    @Test(arguments: RedisMode.all)
    func aPausedBrokerOnlyTakesLonger(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode)
        let load = CallLoad(scene.client)
        try await load.replies(100)
        try await scene.broker.run("CLIENT", "PAUSE", "500")
        try await load.replies(500)
        try await scene.broker.run("DEBUG", "SLEEP", "0.5")
        try await load.replies(500)
        #expect(await load.end().isSubset(of: [.cancelled]))
        await scene.close()
    }

    @Test(arguments: RedisMode.all)
    func aSilentBrokerIsACut(_ mode: RedisMode) async throws {
        let scene = try await OutageScene.make(mode) { $0.pingInterval = .milliseconds(100) }
        let calls = scene.heldCalls(3)
        try await scene.service.probe.gate.eventuallyHolds(3)
        scene.broker.process.pause()
        let codes = try await within(.seconds(5), "the callers of a silent broker") { await calls.codes }
        #expect(codes == [.disconnected, .disconnected, .disconnected])
        scene.service.probe.gate.open()
        scene.broker.process.resume()
        try await scene.answered()
        await scene.close()
    }

    /// Only the service is cut off: its callers still wait, and get what its handlers came to meanwhile.
    @Test(arguments: RedisMode.all)
    func answersWaitForTheConnection(_ mode: RedisMode) async throws {
        let broker = try await RedisBroker.started()
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        let options = RedisOptions.test(broker.url, mode)
        var behind = options
        behind.servers = ["redis://127.0.0.1:\(try await proxy.start())"]
        behind.claimAfter = .seconds(30)
        let service = try await RedisService.start(behind)
        let client = try ClientProxy.redis(options)
        try await client.connect()
        let scene = OutageScene(broker: broker, options: options, service: service, client: client)
        let calls = scene.heldCalls(10)
        try await service.probe.gate.eventuallyHolds(10)
        try await proxy.set(.refuse)
        try await proxy.cut()
        while await service.health()?.state != .down { await Task.yield() }
        service.probe.gate.open()
        while service.probe.gate.waiting > 0 { await Task.yield() }
        try await proxy.set(.pass)
        let codes = try await within(.seconds(10), "the answers") { await calls.codes }
        #expect(codes == Array(repeating: nil, count: 10))
        await scene.close()
        try await proxy.close()
    }

    @Test(arguments: RedisMode.all)
    func startsWhenTheBrokerComes(_ mode: RedisMode) async throws {
        let broker = try RedisBroker()
        let options = RedisOptions.test(broker.url, mode)
        let start = Task { try await RedisService.start(options) { $0.startup = .retry(for: .seconds(20)) } }
        let client = try ClientProxy.redis(options)
        await #expect(throws: TransportError.self) { try await client.send("test.echo", 1) }
        try await broker.process.start()
        let service = try await start.value
        try await client.answered()
        await client.close()
        await service.stop()
    }

    /// A broker that reads its file answers, but not what it is asked.
    @Test func waitsWhileTheBrokerLoads() async throws {
        let scene = try await OutageScene.make(.streams, extra: [RedisBroker.flushesAlways, "key-load-delay 2000"])
        try await scene.broker.run("DEBUG", "POPULATE", "1000")
        try await scene.broker.run("BGREWRITEAOF")
        while try await scene.broker.run("INFO", "persistence").contains("aof_rewrite_in_progress:1") {}
        await scene.outage()
        let event = Task { try await scene.client.emit("test.noted", "x", options: .timeout(.seconds(20))) }
        try await scene.broker.process.start()
        try await event.value
        try await scene.service.probe.log.eventually("the event") { $0 == ["a x"] }
        try await scene.answered()
        await scene.close()
    }
}
