import CRdKafka
import NestKafka
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaOutageTests {
    /// The broker dies at noon: requests fail at once, events wait until their deadline, and everything goes on when it is
    /// back.
    @Test func aBrokerThatIsKilledAndComesBack() async throws {
        let broker = try await KafkaBroker.started(durable: true)
        let options = KafkaOptions.test(broker.bootstrap)
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        let before: Int = try await client.send("test.echo", 1)
        #expect(before == 1)
        await broker.process.kill()
        // The first one may find out itself; it is told within its time all the same.
        let first = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", 2, as: Int.self, options: .timeout(.seconds(5)))
        }
        #expect(first?.code == .disconnected)
        let begin = ContinuousClock.now
        let second = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", 3, as: Int.self)
        }
        #expect(second?.code == .disconnected)
        #expect(ContinuousClock.now - begin < .milliseconds(200))
        let late = await thrown { () throws(TransportError) in
            try await client.emit("test.noted", "late", options: .timeout(.milliseconds(300)))
        }
        #expect(late?.code == .timeout)
        #expect(await service.health()?.state == .down)
        async let kept: Void = client.emit("test.noted", "kept", options: .timeout(.seconds(30)))
        try await broker.start()
        try await kept
        try await service.probe.log.eventually(within: .seconds(20), "the event") { $0.contains("a kept -") }
        let after: Int = try await client.send("test.echo", 4, options: .timeout(.seconds(20)))
        #expect(after == 4)
        await client.close()
        await service.stop()
    }

    /// A broker that stands still says nothing: calls end at their deadlines.
    @Test func aBrokerThatStandsStill() async throws {
        let broker = try await KafkaBroker.started()
        let options = KafkaOptions.test(broker.bootstrap)
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        try await client.emit("test.noted", "one")
        broker.process.pause()
        let begin = ContinuousClock.now
        let request = await thrown { () throws(TransportError) in
            _ = try await client.send("test.echo", 2, as: Int.self, options: .timeout(.milliseconds(500)))
        }
        let event = await thrown { () throws(TransportError) in
            try await client.emit("test.noted", "two", options: .timeout(.milliseconds(500)))
        }
        #expect(request?.code == .timeout && event?.code == .timeout)
        #expect(ContinuousClock.now - begin < .seconds(2))
        broker.process.resume()
        try await client.emit("test.noted", "three", options: .timeout(.seconds(20)))
        try await service.probe.log.eventually(within: .seconds(20), "the last") { $0.contains("a three -") }
        await client.close()
        await service.stop()
    }

    /// A second instance joins while a handler of the first is slow: the handler finishes, and nothing is handled twice.
    @Test func partitionsMoveWhenTheirHandlersHaveFinished() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let log = Watched<[String]>([])
        let first = try await KafkaService.start(options, probe: ServiceProbe("a", log: log))
        let client = try ClientProxy.kafka(options)
        for number in 0..<12 { try await client.emit("test.held", "\(number)", options: CallOptions(key: "\(number)")) }
        try await first.probe.gate.eventuallyHolds(12)
        async let joining = KafkaService.start(options, probe: ServiceProbe("b", log: log))
        try await first.probe.gate.eventuallyHolds(12)
        first.probe.gate.open()
        let second = try await joining
        second.probe.gate.open()
        for number in 12..<24 {
            try await client.emit("test.held", "\(number)", options: CallOptions(key: "\(number)"))
        }
        let seen = try await log.eventually("all ends") { log in log.count { $0.hasPrefix("ended") } >= 24 }
        #expect(seen.count { $0.hasPrefix("ended") } == 24)
        #expect(seen.count { $0.hasPrefix("began") } == 24)
        await client.close()
        await first.stop()
        await second.stop()
    }

    /// What a member had in its hands when it died is handled by another, and what it had done is not.
    @Test func aMemberThatDies() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let first = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        try await client.emit("test.noted", "done", options: CallOptions(key: "d"))
        try await first.probe.log.eventually("one") { $0 == ["a done d"] }
        for number in 0..<5 { try await client.emit("test.held", "\(number)", options: CallOptions(key: "\(number)")) }
        try await first.probe.gate.eventuallyHolds(5)
        await first.kill()
        let second = try await KafkaService.start(options, probe: ServiceProbe("b"))
        second.probe.gate.open()
        let log = try await second.probe.log.eventually(within: .seconds(20), "all") { log in
            log.count { $0.hasPrefix("ended") } >= 5
        }
        #expect(log.filter { $0.hasPrefix("ended") }.sorted() == (0..<5).map { "ended \($0)" })
        #expect(!log.contains("b done d"))
        await client.close()
        await second.stop()
    }

    /// The group lets it in and does not say what its share is: it gives up, and librdkafka before 2.3 does not take the
    /// process with it.
    @Test func aMemberThatHearsNoShare() async throws {
        let mock = try KafkaMock()
        var options = KafkaOptions.test(mock.bootstrap)
        options.topics.provision = .check
        options.operationTimeout = .seconds(1)
        options.consumer.sessionTimeout = .seconds(4)
        options.consumer.revokeTimeout = .seconds(1)
        for topic in ["requests", "events", "replies", "dead.default"] {
            try mock.createTopic("\(options.prefix).\(topic)")
        }
        let once: @Sendable (inout MicroserviceOptions) -> Void = { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 1) }
        mock.fail(
            .syncGroup, with: Array(repeating: RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, count: 10_000))
        let begin = ContinuousClock.now
        await #expect(throws: (any Error).self) { try await KafkaService.start(options, once) }
        #expect(ContinuousClock.now - begin < .seconds(15))
        mock.clearFailures(of: .syncGroup)
        // The cluster misses those who have gone for a while.
        options.operationTimeout = .seconds(15)
        let service = try await KafkaService.start(options, once)
        let client = try ClientProxy.kafka(options)
        let reply: Int = try await client.send("test.echo", 1)
        #expect(reply == 1)
        await client.close()
        await service.stop()
    }

    /// What brokers refuse for a moment is sent again by the library; what they refuse for good is an error.
    @Test func errorsThatAreInjected() async throws {
        let mock = try KafkaMock()
        var options = KafkaOptions.test(mock.bootstrap)
        options.topics.provision = .check
        for topic in ["requests", "events", "replies"] { try mock.createTopic("\(options.prefix).\(topic)") }
        let client = try ClientProxy.kafka(options)
        try await client.emit("test.noted", "at first")
        mock.fail(.produce, with: [RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION])
        try await client.emit("test.noted", "again", options: .timeout(.seconds(10)))
        mock.fail(.produce, with: [RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED])
        let refused = await thrown { () throws(TransportError) in try await client.emit("test.noted", "never") }
        #expect(refused?.code == .forbidden)
        let health = await client.health()
        #expect(health.state == .degraded)
        await client.close()
    }
}
