import NestRabbitMQ
import NestTesting
import Testing

/// What happens when the broker, or the way to it, fails.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQOutageTests {
    /// A broker of its own for what harms it. Restarted once: a quorum queue that was declared just before its node is
    /// killed would not come back.
    private func broker() async throws -> RabbitMQBroker {
        try await Brokers.shared.broker("outages") { try await RabbitMQBroker.started() }
    }

    private func options(_ kind: RabbitMQQueueOptions.Kind = .quorum) async throws -> RabbitMQOptions {
        var options = RabbitMQOptions.test(try await broker().url)
        options.queues.kind = kind
        return options
    }

    private func answers(_ client: ClientProxy, within limit: Duration = .seconds(30)) async throws {
        try await NestTesting.within(limit, "the service answers") {
            while true {
                do throws(TransportError) {
                    let reply: Int = try await client.send("test.echo", 1, options: .timeout(.seconds(1)))
                    #expect(reply == 1)
                    return
                } catch {
                    #expect([.disconnected, .timeout, .noResponders].contains(error.code), "\(error)")
                    await Task.yield()
                }
            }
        }
    }

    @Test func closedConnectionsComeBack() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        try await answers(client)
        async let held = thrown { () throws(TransportError) in
            let _: String = try await client.send("test.hold", Payload.null, options: .timeout(.seconds(20)))
        }
        try await service.probe.gate.eventuallyHolds(1)
        let begin = ContinuousClock.now
        try await broker().control("close_all_connections", "a test")
        let error = await held
        #expect(error?.code == .disconnected)
        #expect(ContinuousClock.now - begin < .seconds(10))
        service.probe.gate.open()
        try await answers(client)
        try await client.emit("test.noted", "after")
        try await service.probe.log.eventually("an event afterwards") { $0.contains("a after") }
        await client.close()
        await service.stop()
    }

    /// The queue of an instance goes with its connection, and there is another one afterwards.
    @Test func broadcastsComeAgainAfterACut() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options, controllers: [ToldController.self])
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.told", "before")
        try await service.probe.log.eventually("a broadcast") { $0 == ["told before"] }
        try await broker().control("close_all_connections", "a test")
        try await within(.seconds(20), "a broadcast is taken again") {
            while await thrown({ () throws(TransportError) in try await client.emit("test.told", "after") }) != nil {
                await Task.yield()
            }
        }
        try await service.probe.log.eventually("the broadcast") { $0.contains("told after") }
        await client.close()
        await service.stop()
    }

    @Test func aDeletedQueueIsMadeAnew() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        try await answers(client)
        try await broker().control("delete_queue", "\(options.prefix).default")
        try await answers(client)
        try await broker().control("delete_queue", "\(options.prefix).default.events")
        try await within(.seconds(20), "events arrive again") {
            while service.probe.log.value.isEmpty {
                _ = await thrown { () throws(TransportError) in
                    try await client.emit("test.noted", "x", options: .timeout(.seconds(1)))
                }
            }
        }
        await client.close()
        await service.stop()
    }

    @Test func aBlockedBrokerHoldsNobodyBeyondItsDeadline() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.noted", "before")
        try await broker().control("set_vm_memory_high_watermark", "0.00001")
        let begin = ContinuousClock.now
        var codes: Set<TransportError.Code?> = []
        for _ in 0..<3 {
            codes.insert(
                await thrown { () throws(TransportError) in
                    try await client.emit("test.noted", "blocked", options: .timeout(.milliseconds(500)))
                }?.code)
        }
        #expect(codes == [.timeout])
        #expect(ContinuousClock.now - begin < .seconds(6))
        let health = await client.health()
        #expect(health.state == .degraded)
        #expect(health.details["blocked"] != nil)
        try await broker().control("set_vm_memory_high_watermark", "0.6")
        try await client.emit("test.noted", "after", options: .timeout(.seconds(20)))
        let log = try await service.probe.log.eventually("the event afterwards") { $0.contains("a after") }
        // The first one was under way when the broker said so. The others were not sent to it.
        #expect(log.count { $0 == "a blocked" } <= 1)
        #expect(await client.health().state == .up)
        await client.close()
        await service.stop()
    }

    /// A service whose broker takes no answers says so, and they leave once it does.
    @Test func aBlockedServiceIsDegradedAndLosesNoAnswer() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        async let answer: String = client.send("test.hold", Payload.null, options: .timeout(.seconds(60)))
        try await service.probe.gate.eventuallyHolds(1)
        try await broker().control("set_vm_memory_high_watermark", "0.00001")
        // The broker says so to who publishes.
        service.probe.gate.open()
        try await within(.seconds(20), "the service hears of it") {
            while await service.health()?.details["blocked"] == nil { await Task.yield() }
        }
        #expect(await service.health()?.state == .degraded)
        try await broker().control("set_vm_memory_high_watermark", "0.6")
        #expect(try await answer == "a")
        try await within(.seconds(20), "the service hears of that too") {
            while await service.health()?.state != .up { await Task.yield() }
        }
        await client.close()
        await service.stop()
    }

    /// The broker dies with calls and events under way, and comes back: every call ends, and nothing that was confirmed is
    /// lost.
    @Test(arguments: [RabbitMQQueueOptions.Kind.classic, .quorum])
    func aKilledBroker(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let broker = try await RabbitMQBroker.started()
        var options = RabbitMQOptions.test(broker.url)
        options.queues.kind = kind
        let service = try await RabbitService.start(options) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 20, backoff: .constant(.milliseconds(50)))
        }
        let client = try ClientProxy.rabbit(options)
        if kind == .quorum {
            // A quorum queue that was just declared does not survive the death of its node.
            try await broker.stop()
            try await broker.start()
        }
        try await answers(client, within: .seconds(60))
        async let held = thrown { () throws(TransportError) in
            let _: String = try await client.send("test.hold", Payload.null, options: .timeout(.seconds(20)))
        }
        try await service.probe.gate.eventuallyHolds(1)
        let confirmed = Watched<[String]>([])
        let sender = Task { () -> TransportError? in
            for number in 0..<2_000 {
                let error = await thrown { () throws(TransportError) in
                    try await client.emit("test.noted", "\(number)", options: .timeout(.seconds(60)))
                }
                guard error == nil else { return error }
                confirmed.append("a \(number)")
            }
            return nil
        }
        try await confirmed.eventually(within: .seconds(30), "some events") { $0.count >= 200 }
        let begin = ContinuousClock.now
        await broker.process.kill()
        #expect(await held?.code == .disconnected)
        #expect(ContinuousClock.now - begin < .seconds(3))
        service.probe.gate.open()
        try await broker.start()
        let failure = await sender.value
        #expect(failure == nil)
        let expected = confirmed.value
        #expect(expected.count == 2_000)
        try await service.probe.log.eventuallyContains(
            Set(expected), within: .seconds(60), "every confirmed event")
        try await answers(client)
        await client.close()
        await service.stop()
    }

    /// What waits in a queue is on its disk. Quorum queues keep everything there, classic ones what is persistent.
    @Test func whatWaitsOutlivesTheBroker() async throws {
        let options = try await options(.classic)
        await (try RabbitService.start(options)).stop()
        let client = try ClientProxy.rabbit(options)
        for number in 0..<50 { try await client.emit("test.noted", "\(number)") }
        let broker = try await broker()
        await broker.process.kill()
        try await broker.start()
        let service = try await RabbitService.start(options)
        let log = try await service.probe.log.eventually(within: .seconds(20), "every event") { $0.count >= 50 }
        #expect(Set(log) == Set((0..<50).map { "a \($0)" }))
        await client.close()
        await service.stop()
    }

    /// A handler during which the way to the broker is cut is begun anew, as another try; after the last one the message is
    /// a dead letter.
    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func whatNeverEndsIsNotTriedForever(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options(kind)
        let port = try await broker().port
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: port)))
        var cuttable = options
        cuttable.servers = ["amqp://127.0.0.1:\(try await proxy.start())"]
        let service = try await RabbitService.start(cuttable) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(10)))
        }
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.held", "x")
        for attempt in 1...3 {
            try await service.probe.log.eventually(within: .seconds(20), "try \(attempt)") {
                $0.contains("began x \(attempt)")
            }
            try await proxy.cut()
        }
        let letters = try RabbitMQDeadLetters(options, group: "default")
        try await within(.seconds(20), "the dead letter") {
            while try await letters.count() == 0 { await Task.yield() }
        }
        let tries = ["began x 1", "began x 2", "began x 3"]
        // The tries of a classic queue are counted in copies, of which a cut may leave two.
        if kind == .quorum { #expect(service.probe.log.value == tries) }
        #expect(Set(service.probe.log.value) == Set(tries))
        #expect(try await letters.list().letters.first?.reason == "max_attempts")
        await client.close()
        await service.stop()
        try await proxy.close()
    }

    @Test func withoutABrokerAStartFailsInTime() async throws {
        let options = RabbitMQOptions.test("amqp://127.0.0.1:1")
        let begin = ContinuousClock.now
        await #expect(throws: (any Error).self) { _ = try await RabbitService.start(options) }
        #expect(ContinuousClock.now - begin < .seconds(5))
    }

    /// Confirmed events under random cuts of every connection: none is lost, none is left over, and none is tried more
    /// often than the policy allows.
    @Test func confirmedEventsSurviveCuts() async throws {
        let options = try await options()
        let port = try await broker().port
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: port)))
        var cuttable = options
        cuttable.servers = ["amqp://127.0.0.1:\(try await proxy.start())"]
        let settings = cuttable
        let service = try await RabbitService.start(settings) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 50, backoff: .constant(.milliseconds(10)))
        }
        let client = try ClientProxy.rabbit(settings)
        let count = 5_000
        let sent = Watched(0)
        let senders = Task {
            await withTaskGroup(of: Int.self) { group in
                for lane in 0..<50 {
                    group.addTask {
                        var confirmed = 0
                        for number in stride(from: lane, to: count, by: 50) {
                            let error = await thrown { () throws(TransportError) in
                                try await client.emit("test.noted", "\(number)", options: .timeout(.seconds(60)))
                            }
                            if error == nil { confirmed += 1 }
                            sent.increment()
                        }
                        return confirmed
                    }
                }
                return await group.reduce(0, +)
            }
        }
        for step in 1...5 {
            try await sent.eventually(within: .seconds(60), "some are sent") { $0 >= step * count / 6 }
            try await proxy.cut()
        }
        #expect(await senders.value == count)
        let expected = Set((0..<count).map { "a \($0)" })
        try await service.probe.log.eventuallyContains(expected, within: .seconds(60), "every event")
        let health = try RabbitMQBrokerHealth("rabbitmq", options, service: "default")
        try await within(.seconds(20), "nothing is left over") {
            while try await health.check().details["events"] != "0" { await Task.yield() }
        }
        #expect(try await health.check().details["dead_letters"] == "0")
        await client.close()
        await service.stop()
        try await proxy.close()
    }
}

private struct ToldController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> ToldController {
        ToldController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<ToldController>] {
        [
            .event("test.told", options: HandlerOptions(broadcast: true)) { (told, text: String, _) in
                told.probe.log.append("told \(text)")
            }
        ]
    }
}
