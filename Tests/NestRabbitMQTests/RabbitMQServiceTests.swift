import NestRabbitMQ
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQServiceTests {
    private func options(_ change: (inout RabbitMQOptions) -> Void = { _ in }) async throws -> RabbitMQOptions {
        var options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        change(&options)
        return options
    }

    private func policy(_ attempts: Int = 3) -> (inout MicroserviceOptions) -> Void {
        { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: attempts, backoff: .constant(.milliseconds(20))) }
    }

    @Test func whatNoQueueTakesIsAnErrorAtOnce() async throws {
        let options = try await options()
        let client = try ClientProxy.rabbit(options)
        let begin = ContinuousClock.now
        let event = await thrown { () throws(TransportError) in try await client.emit("test.noted", "x") }
        #expect(event?.code == .noResponders)
        let request = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", 1, as: Int.self)
        }
        #expect(request?.code == .noResponders)
        #expect(ContinuousClock.now - begin < .seconds(4))
        var loose = options
        loose.failsUnroutableEvents = false
        let other = try ClientProxy.rabbit(loose)
        try await other.emit("test.noted", "x")
        await other.close()
        await client.close()
    }

    /// What is said about a stream goes over the channel of the requests, and the broker numbers it as those.
    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func wordsAboutStreamsTakeNoPlaceFromRequests(kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options {
            $0.queues.kind = kind
            $0.confirmWindow = 2
            $0.streamWindow = 2
        }
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        let numbers = try await client.stream("test.numbers", 20, of: Int.self).reduce(into: []) { $0.append($1) }
        #expect(numbers == Array(1...20))
        for try await number in try await client.stream("test.numbers", 1_000, of: Int.self) where number == 5 { break }
        for number in 1...200 {
            let reply: Int = try await client.send("test.echo", number, options: .timeout(.seconds(5)))
            #expect(reply == number)
        }
        await client.close()
        await service.stop()
    }

    @Test func instancesThatStartAtTheSameTimeAllStart() async throws {
        let options = try await options()
        let services = try await withThrowingTaskGroup(of: RabbitService.self) { group in
            for _ in 0..<4 { group.addTask { try await RabbitService.start(options) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let client = try ClientProxy.rabbit(options)
        let reply: Int = try await client.send("test.echo", 1)
        #expect(reply == 1)
        await client.close()
        for service in services { await service.stop() }
    }

    @Test func eventsWaitForAServiceThatWasThere() async throws {
        let options = try await options()
        let first = try await RabbitService.start(options)
        await first.stop()
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.noted", "kept")
        let second = try await RabbitService.start(options, probe: ServiceProbe("b"))
        try await second.probe.log.eventually("the event") { $0 == ["b kept"] }
        await client.close()
        await second.stop()
    }

    /// What a service has not begun when it ends goes back to the queue, and to nowhere else.
    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func whatWasNotBegunIsLeftToOthers(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options {
            $0.queues.kind = kind
            $0.queues.prefetch = 10
        }
        let first = try await RabbitService.start(options) { $0.maxInFlight = 1 }
        let client = try ClientProxy.rabbit(options)
        let texts = (0..<6).map { "\($0)" }
        for text in texts { try await client.emit("test.held", text) }
        try await first.probe.gate.eventuallyHolds(1)
        let health = try RabbitMQBrokerHealth("rabbitmq", options, service: "default")
        async let end: Void = first.app.close()
        try await within(.seconds(20), "those that have not begun are in the queue again") {
            while try await health.check().details["events"] != "\(texts.count - 1)" { await Task.yield() }
        }
        first.probe.gate.open()
        await end
        await first.stop()
        let begun = first.probe.log.value
        #expect(begun == ["began 0 1", "ended 0"])
        let second = try await RabbitService.start(options, probe: ServiceProbe(gate: Gate(isOpen: true)))
        let all = try await second.probe.log.eventually("the rest") { log in
            (begun + log).count { $0.hasPrefix("ended") } >= texts.count
        }
        #expect((begun + all).filter { $0.hasPrefix("ended") }.sorted() == texts.map { "ended \($0)" })
        #expect(try await health.check().details["dead_letters"] == "0")
        await client.close()
        await second.stop()
    }

    @Test func whatIsNoEnvelopeBecomesADeadLetter() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options, policy())
        let session = RawSession(options)
        let queue = "\(options.prefix).default.events"
        try await session.put("no json", into: queue)
        try await session.put(#"{"kind":"emit","pattern":"no.body","payload":1}"#, into: queue)
        let letters = try await deadLetters(2, options)
        #expect(Set(letters.map(\.reason)) == ["invalid_message", "no_handler"])
        #expect(letters.allSatisfy { $0.source == queue })
        #expect(letters.first { $0.reason == "invalid_message" }?.kind == nil)
        await service.stop()
    }

    @Test func aPeerOfRevisionOneIsAnswered() async throws {
        let options = try await options { $0.queue = "micro\(UInt32.random(in: 0 ... .max))" }
        let service = try await RabbitService.start(options)
        let session = RawSession(options)
        let queue = try #require(options.queue)
        let replies = "replies\(UInt32.random(in: 0 ... .max))"
        let answer = try await session.exchange(
            #"{"kind":"send","pattern":"test.echo","payload":[1],"reply":"\#(replies)","correlation_id":"c-1"}"#, queue,
            replies: replies)
        #expect(answer.body == #"{"ok":true,"payload":[1]}"#)
        #expect(answer.correlationID == "c-1")
        await service.stop()
    }

    @Test func eventsGoToTheQueueForPeersOfRevisionOne() async throws {
        let options = try await options { $0.sendsEventsToQueue = true }
        let service = try await RabbitService.start(options, policy())
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.noted", "x")
        try await service.probe.log.eventually("the event") { $0 == ["a x"] }
        try await client.emit("test.failing", "y")
        try await service.probe.log.eventually("its tries") { $0.count == 4 }
        #expect(service.probe.log.value.suffix(3) == ["y 1", "y 2", "y 3"])
        #expect(try await deadLetters(1, options).first?.attempts == 3)
        await client.close()
        await service.stop()
    }

    @Test func aQueueThatIsOtherwiseIsNamed() async throws {
        let options = try await options()
        let first = try await RabbitService.start(options)
        await first.stop()
        var other = options
        other.queues.kind = .classic
        let settings = other
        do {
            _ = try await RabbitService.start(settings)
            Issue.record("it started")
        } catch {
            let text = "\(error)"
            #expect(text.contains("x-queue-type"))
            #expect(text.contains("\(options.prefix).default"))
        }
    }

    @Test func twoQueuesOfOneNameAreRefused() async throws {
        var options = try await options()
        options.queue = "\(options.prefix).default.dead"
        let settings = options
        await #expect(throws: (any Error).self) { _ = try await RabbitService.start(settings) }
    }

    @Test func aTooLargeEventIsKeptAndATooLargeRequestRefused() async throws {
        let options = try await options { $0.maxMessageBytes = 10_000 }
        let service = try await RabbitService.start(options)
        var free = options
        free.maxMessageBytes = 1 << 20
        let client = try ClientProxy.rabbit(free)
        let large = String(repeating: "x", count: 50_000)
        let error = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", large, as: String.self)
        }
        #expect(error?.code == .tooLarge)
        try await client.emit("test.noted", large)
        try await client.emit("test.noted", "small")
        try await service.probe.log.eventually("the next one") { $0 == ["a small"] }
        #expect(try await deadLetters(1, free).first?.payload?.count == 50_002)
        await client.close()
        await service.stop()
    }

    @Test func staleBindingsAreReportedAndRemoved() async throws {
        let options = try await options()
        let first = try await RabbitService.start(options, controllers: [ServiceController.self, ExtraController.self])
        await first.stop()
        var tidy = options
        tidy.queues.removesStaleBindings = true
        let second = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        // Still bound: it becomes a dead letter, because nobody has a handler for it any more.
        try await client.emit("extra.event", 1)
        #expect(try await deadLetters(1, options).first?.pattern == "extra.event")
        await second.stop()
        let third = try await RabbitService.start(tidy)
        let error = await thrown { () throws(TransportError) in try await client.emit("extra.event", 2) }
        #expect(error?.code == .noResponders)
        await client.close()
        await third.stop()
    }

    @Test func deadLettersAreShownReplayedAndDiscarded() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options, policy(2))
        let client = try ClientProxy.rabbit(options)
        for text in ["x", "y", "z"] { try await client.emit("test.failing", text) }
        let letters = try RabbitMQDeadLetters(options, group: "default")
        let all = try await deadLetters(3, options)
        #expect(Set(all.compactMap { $0.payload?.description }) == [#""x""#, #""y""#, #""z""#])
        #expect(Set(all.map(\.id)).count == 3)
        let page = try await letters.list(after: nil, limit: 2)
        #expect(page.letters.count == 2 && page.next == page.letters.last?.id)
        #expect(try await letters.list(after: page.next, limit: 2).letters.map(\.id) == [all[2].id])
        #expect(try await letters.show(all[1].id)?.payload == all[1].payload)
        #expect(try await letters.show("nobody") == nil)
        try await letters.discard(all[0].id)
        #expect(try await letters.count() == 2)
        let before = service.probe.log.value.count
        let result = try await letters.replay([all[1].id, "nobody"])
        #expect(result.succeeded == 1 && result.failures["nobody"] != nil)
        let text = try #require(try all[1].payload?.decode(String.self))
        let log = try await service.probe.log.eventually("it was handled again") { $0.count >= before + 2 }
        #expect(log.suffix(2) == ["\(text) 1", "\(text) 2"])
        let again = try await deadLetters(2, options)
        #expect(!again.map(\.id).contains(all[1].id))
        await client.close()
        await service.stop()
    }

    @Test func everyRequestHasAnIDOfItsOwn() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        var ids: Set<String> = []
        for _ in 0..<10 { ids.insert(try await client.send("test.id", Payload.null)) }
        #expect(ids.count == 10 && !ids.contains(""))
        await client.close()
        await service.stop()
    }

    @Test func whatIsUrgentComesFirst() async throws {
        let options = try await options {
            $0.queues.kind = .classic
            $0.queues.maxPriority = 9
        }
        let first = try await RabbitService.start(options)
        await first.stop()
        let client = try ClientProxy.rabbit(options)
        for text in ["a", "b", "c"] { try await client.emit("test.noted", text) }
        for (text, priority) in [("d", 5), ("e", 9), ("f", 5)] as [(String, UInt8)] {
            try await client.emit("test.noted", text, options: .priority(priority))
        }
        try await client.emit("test.failing", "g", options: .priority(7))
        var single = options
        single.queues.prefetch = 1
        let second = try await RabbitService.start(single, policy(2))
        let log = try await second.probe.log.eventually("all of them") { $0.count >= 8 }
        #expect(log.filter { $0.hasPrefix("a ") } == ["a e", "a d", "a f", "a a", "a b", "a c"])
        #expect(log.prefix(3) == ["a e", "g 1", "a d"])
        let letter = try await deadLetters(1, options).first
        #expect(letter?.attempts == 2)
        await client.close()
        await second.stop()
    }

    @Test func brokerHealth() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options, policy(1))
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.failing", "x")
        _ = try await deadLetters(1, options)
        let health = try RabbitMQBrokerHealth("rabbitmq", options, service: "default", maxDeadLetters: 0)
        let status = try await health.check()
        #expect(status.state == .degraded)
        #expect(status.details["dead_letters"] == "1")
        #expect(status.details["requests_consumers"] == "1")
        #expect(status.details["version"]?.isEmpty == false)
        let away = try RabbitMQBrokerHealth("rabbitmq", RabbitMQOptions(servers: ["amqp://127.0.0.1:1"]))
        #expect(try await away.check().state == .down)
        await client.close()
        await service.stop()
    }

    private func deadLetters(_ count: Int, _ options: RabbitMQOptions) async throws -> [StoredDeadLetter] {
        let letters = try RabbitMQDeadLetters(options, group: "default")
        return try await within(.seconds(20), "\(count) dead letters") {
            while try await letters.count() < count { await Task.yield() }
            return try await letters.list().letters
        }
    }
}

private struct ExtraController: Controller {
    static func make(from resolver: Resolver) async throws -> ExtraController { ExtraController() }
    static var dependencies: [Dependency] { [] }
    static var handlers: [Handler<ExtraController>] { [.event("extra.event") { (_, _: Int, _) in }] }
}
