import NestRedis
import NestTesting
import Testing

/// The handlers of `nest-peer` that take their time, without taking it.
private struct QuickController: Controller {
    struct Slow: Codable, Sendable { var ms: Int }
    struct Slept: Codable, Sendable { var slept: Int }

    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> QuickController {
        QuickController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<QuickController>] {
        [
            .message("slow") { (quick, slow: Slow, _) in
                quick.probe.log.append("request \(slow.ms)")
                return Slept(slept: -slow.ms)
            },
            .event("slow.event") { (quick, slow: Slow, context) in
                quick.probe.log.append("event \(slow.ms) \(context.attempt)")
            },
        ]
    }
}

/// A process that is killed with work in its hands.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisCrashTests {
    private typealias Messages = QuickController

    private func running(_ client: ClientProxy, _ count: Int) async throws {
        let running = try await waitFor {
            try await client.send("slow.running", Payload.null, as: Int.self)
        } until: {
            $0 == count
        }
        #expect(running == count)
    }

    private func survivor(_ options: RedisOptions) async throws -> RedisService {
        try await RedisService.start(options, controllers: [QuickController.self])
    }

    private func options(_ mode: RedisMode) async throws -> RedisOptions {
        var options = RedisOptions.test(try await Brokers.shared.plain().url, mode)
        options.claimAfter = .seconds(1)
        return options
    }

    /// As long as it lives its events are its own, however long they take; when it is dead another does them.
    @Test(arguments: RedisMode.durable)
    func eventsOfAKilledProcessAreHandledByAnother(_ mode: RedisMode) async throws {
        let options = try await options(mode)
        let peer = try await PeerProcess.started(options)
        let client = try ClientProxy.redis(options)
        for number in 0..<5 {
            try await client.emit("slow.event", Messages.Slow(ms: 600_000 + number))
        }
        try await running(client, 5)
        let survivor = try await survivor(options)
        try await Task.sleep(for: .seconds(3))
        #expect(survivor.probe.log.value == [])
        await peer.kill()
        try await survivor.probe.log.eventually(within: .seconds(20), "the dead one's events") { $0.count >= 5 }
        try await Task.sleep(for: .seconds(2))
        #expect(survivor.probe.log.value.sorted() == (0..<5).map { "event \(600_000 + $0) 2" })
        await client.close()
        await survivor.stop()
    }

    @Test(arguments: RedisMode.durable)
    func requestsOfAKilledProcessAreAnsweredByAnother(_ mode: RedisMode) async throws {
        let options = try await options(mode)
        let peer = try await PeerProcess.started(options)
        let client = try ClientProxy.redis(options)
        let patient = Task {
            try await client.send(
                "slow", Messages.Slow(ms: 600_000), as: Messages.Slept.self, options: .timeout(.seconds(30)))
        }
        let hasty = Task {
            try await client.send(
                "slow", Messages.Slow(ms: 600_001), as: Messages.Slept.self, options: .timeout(.seconds(2)))
        }
        try await running(client, 2)
        _ = await hasty.result
        await peer.kill()
        let survivor = try await survivor(options)
        let reply = try await within(.seconds(20), "the patient caller") { try await patient.value }
        #expect(reply.slept == -600_000)
        try await Task.sleep(for: .seconds(2))
        #expect(survivor.probe.log.value == ["request 600000"], "nobody waits for the other")
        await client.close()
        await survivor.stop()
    }

    /// Everything happens at once: a service with a queue full of work dies, and a new one begins.
    @Test(arguments: RedisMode.durable)
    func whatADeadProcessHadReadAheadIsNotLost(_ mode: RedisMode) async throws {
        let options = try await options(mode)
        let peer = try await PeerProcess.started(options)
        let client = try ClientProxy.redis(options)
        for number in 0..<500 {
            try await client.emit("slow.event", Messages.Slow(ms: 600_000 + number))
        }
        try await running(client, 500)
        await peer.kill()
        let survivor = try await survivor(options)
        let log = try await survivor.probe.log.eventually(within: .seconds(20), "all of them") { $0.count >= 500 }
        #expect(Set(log) == Set((0..<500).map { "event \(600_000 + $0) 2" }))
        await client.close()
        await survivor.stop()
    }
}
