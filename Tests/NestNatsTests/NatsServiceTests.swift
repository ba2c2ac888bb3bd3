import NestNats
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct NatsServiceTests {
    private func options(_ configure: (inout NatsOptions) -> Void = { _ in }) async throws -> NatsOptions {
        var options = NatsOptions.test(try await Brokers.shared.broker("plain").url)
        configure(&options)
        return options
    }

    @Test func barePayloads() async throws {
        var options = try await options()
        let service = try await NatsService.start(options)
        options.sendsBarePayload = true
        let client = try ClientProxy.nats(options)
        let reply: [String: Int] = try await client.send("test.echo", ["check": 1])
        #expect(reply == ["check": 1])
        let lookalike = try Payload(json: #"{"kind":"send","pattern":"other","payload":1}"#)
        let same: Payload = try await client.send("test.echo", lookalike)
        #expect(same == lookalike)
        let seen: [String: String] = try await client.send(
            "test.headers", Payload.null, options: CallOptions(headers: ["tenant": "acme"]))
        #expect(seen["tenant"] == "acme")
        #expect(seen["nest-timeout-ms"] != nil)
        try await client.emit("test.noted", "bare")
        try await service.probe.log.eventually("the event") { $0 == ["a bare"] }
        await client.close()
        await service.stop()
    }

    /// Messages that come together are copied together, up to a number and a size: each is its own, however long it is
    /// kept, and whether it is an envelope or not.
    @Test func messagesOfABurstAreTheirOwn() async throws {
        let options = try await options()
        var bare = options
        bare.sendsBarePayload = true
        let service = try await NatsService.start(options)
        let clients = [try ClientProxy.nats(options), try ClientProxy.nats(bare)]
        let texts = (0..<300).map { "\($0) " + String(repeating: "x", count: $0 % 7 == 0 ? 9_000 : $0) }
        for (number, text) in texts.enumerated() { try await clients[number % 2].emit("test.held", text) }
        let replies = try await withThrowingTaskGroup(of: (String, String).self) { group in
            for (number, text) in texts.enumerated() {
                group.addTask { (text, try await clients[number % 2].send("test.echo", text)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(replies.count == 300 && replies.allSatisfy { $0.key == $0.value })
        service.probe.gate.open()
        let seen = try await service.probe.log.eventually("all events") { $0.count >= 300 }
        #expect(Set(seen) == Set(texts))
        for client in clients { await client.close() }
        await service.stop()
    }

    @Test func nobodyListens() async throws {
        let client = try ClientProxy.nats(try await options())
        let begin = ContinuousClock.now
        #expect(await code { () throws(TransportError) in try await client.send("no.body", 1) } == .noResponders)
        #expect(ContinuousClock.now - begin < .seconds(1))
        await client.close()
    }

    /// Each request is served by one of them, each event too.
    @Test func instancesShare() async throws {
        let options = try await options()
        let log = Watched<[String]>([])
        let services = try await [
            NatsService.start(options, probe: ServiceProbe("a", log: log)),
            NatsService.start(options, probe: ServiceProbe("b", log: log)),
        ]
        let client = try ClientProxy.nats(options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { let _: String = try await client.send("test.count", Payload.null) } }
            try await group.waitForAll()
        }
        #expect(log.value.count == 200)
        #expect(Set(log.value) == ["a", "b"])
        for number in 0..<100 { try await client.emit("test.noted", "\(number)") }
        let seen = try await log.eventually("100 events") { $0.count >= 300 }.dropFirst(200)
        #expect(Set(seen.map { $0.dropFirst(2) }).count == 100)
        await client.close()
        for service in services { await service.stop() }
    }

    @Test func withoutSharingEachGetsAll() async throws {
        let options = try await options { $0.sharesMessages = false }
        let log = Watched<[String]>([])
        let first = try await NatsService.start(options, probe: ServiceProbe("a", log: log))
        let second = try await NatsService.start(options, probe: ServiceProbe("b", log: log))
        let client = try ClientProxy.nats(options)
        try await client.emit("test.noted", "x")
        try await log.eventually("both") { $0.sorted() == ["a x", "b x"] }
        await client.close()
        await first.stop()
        await second.stop()
    }

    /// A service that hears everything answers nothing: requests are for those who serve them.
    @Test func listenersAnswerNoRequests() async throws {
        let options = try await options()
        let audit = try await NatsService.start(
            options, probe: ServiceProbe("audit"), controllers: [AuditController.self]
        ) {
            $0.name = "audit"
        }
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        for number in 0..<50 {
            let reply: Int = try await client.send("test.echo", number)
            #expect(reply == number)
        }
        try await client.emit("test.noted", "x")
        try await audit.probe.log.eventually("the event") { $0 == [#"test.noted "x""#] }
        try await service.probe.log.eventually("the event") { $0 == ["a x"] }
        await client.close()
        await service.stop()
        await audit.stop()
    }

    @Test func refusesToTakeEverything() async throws {
        let options = try await options { $0.prefix = "" }
        await #expect(throws: (any Error).self) {
            try await NatsService.start(options, controllers: [AuditController.self])
        }
    }

    @Test func largeMessagesAreRefused() async throws {
        let options = try await options()
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        let big = String(repeating: "x", count: 2 << 20)
        #expect(await code { () throws(TransportError) in try await client.send("test.echo", big) } == .tooLarge)
        #expect(await code { () throws(TransportError) in try await client.emit("test.noted", big) } == .tooLarge)
        #expect(await code { () throws(TransportError) in try await client.send("test.big", 2 << 20) } == .tooLarge)
        let reply: String = try await client.send("test.big", 900_000)
        #expect(reply.count == 900_000)
        await client.close()
        await service.stop()
    }

    @Test func tooManyRequestsAreRefused() async throws {
        let options = try await options { $0.maxWaiting = 10 }
        let service = try await NatsService.start(options) { $0.maxInFlight = 5 }
        let client = try ClientProxy.nats(options)
        let codes = Watched<[TransportError.Code?]>([])
        let calls = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        codes.append(
                            await code { () throws(TransportError) in try await client.send("test.hold", Payload.null) }
                        )
                    }
                }
            }
        }
        try await codes.eventually("the refused") { $0.count == 25 }
        #expect(Set(codes.value) == [.overloaded])
        service.probe.gate.open()
        await calls.value
        #expect(codes.value.count { $0 == nil } == 15)
        await client.close()
        await service.stop()
    }

    /// A consumer that is too slow loses events, says so, and goes on.
    @Test func slowConsumer() async throws {
        let options = try await options { $0.maxWaiting = 10 }
        let service = try await NatsService.start(options) { $0.maxInFlight = 5 }
        let client = try ClientProxy.nats(options)
        for number in 0..<100 { try await client.emit("test.held", "\(number)") }
        try await service.probe.gate.eventuallyHolds(5)
        let end = ContinuousClock.now + .seconds(10)
        while await service.health()?.details["dropped"] != "85", ContinuousClock.now < end { await Task.yield() }
        let health = await service.health()
        #expect(health?.details["dropped"] == "85")
        #expect(health?.state == .degraded)
        service.probe.gate.open()
        try await service.probe.log.eventually("those that waited") { $0.count == 15 }
        let reply: Int = try await client.send("test.echo", 1)
        #expect(reply == 1)
        await client.close()
        await service.stop()
    }

    /// One place only, and it is taken: the time of the second call runs out while it waits, and a while later the
    /// third's, which is when the place comes free.
    @Test func expiredWorkIsNotBegun() async throws {
        let options = try await options()
        let service = try await NatsService.start(options) { $0.maxInFlight = 1 }
        let client = try ClientProxy.nats(options)
        async let held: String = client.send("test.hold", Payload.null)
        try await service.probe.gate.eventuallyHolds(1)
        for timeout in [Duration.milliseconds(50), .milliseconds(500)] {
            let code = await code { () throws(TransportError) in
                try await client.send("test.count", Payload.null, options: .timeout(timeout))
            }
            #expect(code == .timeout)
            service.probe.log.append("waited \(timeout)")
        }
        service.probe.gate.open()
        #expect(try await held == "a")
        let last: Int = try await client.send("test.echo", 1)
        #expect(last == 1)
        #expect(service.probe.log.value.count { $0 == "a" } <= 1)
        await client.close()
        await service.stop()
    }

    @Test func manyMessagesInBothWays() async throws {
        let options = try await options()
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        let value = caller * 1_000 + number
                        let pattern: Pattern = number % 3 == 0 ? "test.later" : "test.echo"
                        let reply: Int = try await client.send(pattern, value)
                        #expect(reply == value)
                    }
                }
            }
            for _ in 0..<1_000 { try await client.emit("test.noted", "x") }
            try await group.waitForAll()
        }
        try await service.probe.log.eventually("the events") { $0.count == 1_000 }
        await client.close()
        await service.stop()
    }

    @Test func healthAndClosing() async throws {
        let options = try await options()
        let client = try ClientProxy.nats(options)
        #expect(await client.health().state == .degraded)
        try await client.connect()
        #expect(await client.health().state == .up)
        await client.close()
        await client.close()
        #expect(await code { () throws(TransportError) in try await client.connect() } == .closed)
        #expect(await code { () throws(TransportError) in try await client.emit("test.noted", "x") } == .closed)
        #expect(await client.health().state == .down)
    }
}
