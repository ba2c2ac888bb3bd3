import NestKafka
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaServiceTests {
    private func options(_ change: (inout KafkaOptions) -> Void = { _ in }) async throws -> KafkaOptions {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        change(&options)
        return options
    }

    private func policy(_ attempts: Int = 3) -> (inout MicroserviceOptions) -> Void {
        { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: attempts, backoff: .constant(.milliseconds(20))) }
    }

    @Test func onlyItsOwnServiceAnswers() async throws {
        let options = try await options()
        let first = try await KafkaService.start(options, probe: ServiceProbe("first")) { $0.name = "first" }
        let second = try await KafkaService.start(options, probe: ServiceProbe("second")) { $0.name = "second" }
        for name in ["first", "second"] {
            var calling = options
            calling.service = name
            let client = try ClientProxy.kafka(calling)
            let who: String = try await client.send("test.who", NoPayload())
            #expect(who == name)
            await client.close()
        }
        await first.stop()
        await second.stop()
    }

    /// Records without a key wait in a topic, those with one in the service; both keep their key and their count of tries.
    @Test(arguments: [KafkaConsumerOptions.KeyedRetries.inOrder, .elsewhere])
    func whatFailsIsTriedAgain(_ keyed: KafkaConsumerOptions.KeyedRetries) async throws {
        let options = try await options { $0.consumer.keyedRetries = keyed }
        let service = try await KafkaService.start(options, policy())
        let client = try ClientProxy.kafka(options)
        try await client.emit("test.failing", "plain")
        try await client.emit("test.failing", "keyed", options: CallOptions(key: "k1"))
        let log = try await service.probe.log.eventually("six tries") { $0.count >= 6 }
        let expected = (1...3).flatMap { ["plain \($0) -", "keyed \($0) k1"] }
        #expect(log.sorted() == expected.sorted())
        await client.close()
        await service.stop()
    }

    /// While the first one of its key is tried again, the second one waits only where that keeps their order.
    @Test func retriesKeepTheOrderOfAKeyOrDoNot() async throws {
        for (keyed, isOrdered) in [(KafkaConsumerOptions.KeyedRetries.inOrder, true), (.elsewhere, false)] {
            let options = try await options { $0.consumer.keyedRetries = keyed }
            let service = try await KafkaService.start(options) {
                $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(300)))
            }
            let client = try ClientProxy.kafka(options)
            for text in ["one", "two"] {
                try await client.emit("test.failing", text, options: CallOptions(key: "k"))
            }
            let log = try await service.probe.log.eventually("six tries") { $0.count >= 6 }
            let ordered = ["one 1 k", "one 2 k", "one 3 k", "two 1 k", "two 2 k", "two 3 k"]
            #expect((log == ordered) == isOrdered, "\(keyed): \(log)")
            await client.close()
            await service.stop()
        }
    }

    /// A service that has no room for so long that it stops its partitions, and one whose records wait in a topic, which stops
    /// as well: what was fetched by then is neither lost nor handled twice.
    @Test func partitionsThatStandStillLoseNothing() async throws {
        let options = try await options()
        let service = try await KafkaService.start(options) {
            $0.maxInFlight = 2
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(300)))
        }
        let client = try ClientProxy.kafka(options)
        let count = 60
        for number in 0..<count { try await client.emit("test.held", "\(number)") }
        for number in 0..<count { try await client.emit("test.failing", "f\(number)") }
        try await service.probe.gate.eventuallyHolds(2)
        // Longer than the pause between two looks: the partitions stand still by then.
        let late = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", 1, as: Int.self, options: .timeout(.seconds(3)))
        }
        #expect(late?.code == .timeout)
        service.probe.gate.open()
        let log = try await service.probe.log.eventually(within: .seconds(60), "everything") { log in
            log.count { $0.hasPrefix("ended") } >= count && log.count { $0.hasPrefix("f") } >= 3 * count
        }
        #expect(log.filter { $0.hasPrefix("ended") }.sorted() == (0..<count).map { "ended \($0)" }.sorted())
        let tries = (0..<count).flatMap { number in (1...3).map { "f\(number) \($0) -" } }
        #expect(log.filter { $0.hasPrefix("f") }.sorted() == tries.sorted())
        await client.close()
        await service.stop()
    }

    @Test func deadLettersAreListedReplayedAndDiscarded() async throws {
        let options = try await options()
        let service = try await KafkaService.start(options, policy(2))
        let client = try ClientProxy.kafka(options)
        for key in ["a", "b"] { try await client.emit("test.failing", "never", options: CallOptions(key: key)) }
        _ = await thrown { () throws(TransportError) in
            _ = try await client.send("test.crash", NoPayload(), as: Bool.self)
        }
        let letters = try KafkaDeadLetters(options, group: "default")
        let found = try await eventually("three letters") {
            try await letters.list()
        } until: {
            $0.letters.count == 3
        }
        let events = found.letters.filter { $0.kind == .emit }
        #expect(events.count == 2)
        for event in events {
            #expect(event.reason == "max_attempts" && event.attempts == 2 && event.pattern == "test.failing")
        }
        #expect(events.allSatisfy { $0.source?.hasPrefix("\(options.prefix).events[") == true })
        #expect(found.letters.first { $0.kind == .send }?.reason == "unexpected_failure")
        // Page by page, the same ones.
        var (paged, cursor) = ([String](), String?.none)
        repeat {
            let page = try await letters.list(after: cursor, limit: 1)
            paged += page.letters.map(\.id)
            cursor = page.next
        } while cursor != nil
        #expect(paged == found.letters.map(\.id))
        let shown = try await letters.show(events[0].id)
        #expect(shown?.error == events[0].error)

        try await letters.discard(events[0].id)
        #expect(try await letters.list().letters.map(\.id).contains(events[0].id) == false)
        #expect(try await letters.count() == 2)
        let before = service.probe.log.value.count
        try await letters.replay(events[1].id)
        // It fails twice more, and is a dead letter again under another id.
        try await service.probe.log.eventually("two more tries") { $0.count == before + 2 }
        let again = try await eventually("it is back") {
            try await letters.list()
        } until: { page in
            page.letters.contains { $0.kind == .emit }
        }
        #expect(!again.letters.contains { $0.id == events[1].id })
        let missing = await thrown { () throws(TransportError) in try await letters.replay("1-2-3") }
        #expect(missing?.code == .notFound)
        await client.close()
        await service.stop()
    }

    @Test func eventsHaveTopicsOfTheirOwn() async throws {
        let prefix = "p\(UInt32.random(in: 0 ... .max))"
        let topic = "\(prefix).billing.ledger"
        let options = try await options {
            $0.prefix = prefix
            $0.topics.events = [.init("ledger.entry", to: topic)]
        }
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        try await client.emit("ledger.entry", "ours")
        try await client.emit("test.noted", "other")
        let log = try await service.probe.log.eventually("both") { $0.count >= 2 }
        #expect(log.sorted() == ["a other -", "ledger ours \(topic)"])
        await client.close()
        await service.stop()
    }

    /// A topic has events for which this group has no handler, among its own. Nothing becomes of them.
    @Test func whatOtherGroupsHandleIsPassedOver() async throws {
        let options = try await options()
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        for (number, pattern) in ["test", "other", "other", "test", "test", "other", "test"].enumerated() {
            try await client.emit("\(pattern).noted", "\(number)", options: CallOptions(key: "k"))
        }
        let log = try await service.probe.log.eventually("the last one") { $0.contains("a 6 k") }
        #expect(log == ["a 0 k", "a 3 k", "a 4 k", "a 6 k"])
        await service.stop()
        let letters = try await KafkaDeadLetters(options, group: "default").list(after: nil, limit: 10).letters
        #expect(letters.isEmpty)
        await client.close()
    }

    @Test func aNewGroupBeginsWhereItIsTold() async throws {
        let options = try await options()
        let first = try await KafkaService.start(options) { $0.group = "first" }
        let client = try ClientProxy.kafka(options)
        for number in 0..<10 { try await client.emit("test.noted", "\(number)") }
        try await first.probe.log.eventually("ten") { $0.count == 10 }
        await first.stop()
        func seen(_ group: String, _ start: KafkaStart, plus: Int) async throws -> [String] {
            var options = options
            options.consumer.start = start
            let service = try await KafkaService.start(options) { $0.group = group }
            try await client.emit("test.noted", "last")
            let log = try await service.probe.log.eventually("\(group): \(plus + 1)") { log in
                log.contains("a last -") && log.count > plus
            }
            await service.stop()
            return log
        }
        #expect(try await seen("all", .beginning, plus: 10).count == 11)
        #expect(try await seen("late", .time(millisecondsSince1970: 0), plus: 11).count == 12)
        #expect(try await seen("offset", .offset(0), plus: 12).count == 13)
    }

    /// What a group has committed is where it goes on, whatever it is told about new ones.
    @Test func aGroupGoesOnWhereItWas() async throws {
        let options = try await options()
        let first = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        try await client.emit("test.noted", "one")
        try await first.probe.log.eventually("one") { $0 == ["a one -"] }
        await first.stop()
        try await client.emit("test.noted", "two")
        let second = try await KafkaService.start(options, probe: ServiceProbe("b"))
        try await second.probe.log.eventually("two") { $0 == ["b two -"] }
        await client.close()
        await second.stop()
    }

    @Test func topicsThatMustBeThereAreNamed() async throws {
        let options = try await options { $0.topics.provision = .check }
        let client = try ClientProxy.kafka(options)
        let begin = ContinuousClock.now
        let error = await thrown { () throws(TransportError) in try await client.connect() }
        #expect(ContinuousClock.now - begin < .seconds(2))
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("\(options.prefix).events") == true)
        await client.close()
    }

    @Test func whatIsTooLargeIsAnError() async throws {
        let options = try await options { $0.maxMessageBytes = 10_000 }
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        let text = String(repeating: "x", count: 20_000)
        let event = await thrown { () throws(TransportError) in try await client.emit("test.noted", text) }
        #expect(event?.code == .tooLarge)
        let request = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", text, as: String.self)
        }
        #expect(request?.code == .tooLarge)
        let reply = await thrown { () throws(TransportError) in
            _ = try await client.send("test.large", 20_000, as: String.self)
        }
        #expect(reply?.code == .tooLarge)
        await client.close()
        await service.stop()
    }

    @Test func healthTellsPartitionsAndLag() async throws {
        let options = try await options()
        let service = try await KafkaService.start(options) { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 1) }
        let status = await service.health()
        #expect(status?.state == .up)
        #expect(status?.details["partitions"] == "6", "\(status?.details ?? [:])")
        let client = try ClientProxy.kafka(options)
        let health = try KafkaBrokerHealth("kafka", options, service: "default", maxLag: 2)
        #expect(try await health.check().state == .up)
        for number in 0..<5 { try await client.emit("test.held", "\(number)") }
        try await service.probe.gate.eventuallyHolds(5)
        let behind = try await eventually("the lag") {
            try await health.check()
        } until: {
            $0.details["lag \(options.prefix).events"] == "5"
        }
        #expect(behind.state == .degraded)
        await client.close()
        await service.stop()
        let nobody = try KafkaBrokerHealth("kafka", .test("127.0.0.1:1"))
        #expect(try await nobody.check().state == .down)
    }
}
