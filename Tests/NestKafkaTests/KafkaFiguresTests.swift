import Metrics
import MetricsTestKit
import NestKafka
import NestTesting
import Testing

/// The library's figures: as metrics, and in the service's health.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaFiguresTests {
    /// Twenty records in few batches, which one partition's end shows: the lag is that of records.
    @Test func figuresBecomeMetrics() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.statisticsInterval = .milliseconds(100)
        options.linger = .milliseconds(20)
        let (prefix, metrics) = (options.prefix, TestMetrics())
        let (service, client) = try await withMetricsFactory(metrics) { [options] in
            (try await KafkaService.start(options), try ClientProxy.kafka(options))
        }
        try await emit(20, client)
        try await service.probe.gate.eventuallyHolds(20)
        try await eventually(client, "a lag of 20") { await service.health()?.details["lag \(prefix).events"] == "20" }
        func last(_ name: String, _ labels: (String, String)...) -> Double? {
            (try? metrics.expectGauge(name, labels))?.lastValue
        }
        let events = ("client", "\(prefix).default")
        let topic = ("topic", "\(prefix).events")
        #expect(last("nest_kafka_consumer_lag", ("role", "server"), events, topic) == 20)
        service.probe.gate.open()
        // One member's figures do not displace another's.
        try await eventually(client, "no lag anywhere") {
            guard let details = await service.health()?.details else { return false }
            return ["events", "requests"].allSatisfy { details["lag \(prefix).\($0)"] == "0" }
        }
        #expect(last("nest_kafka_consumer_lag", ("role", "server"), events, topic) == 0)
        try await eventually(client, "what was sent and received") {
            (last("nest_kafka_sent_records", ("role", "client"), ("client", "producer")) ?? 0) >= 20
                && (last("nest_kafka_received_records", ("role", "server"), events) ?? 0) >= 20
        }
        #expect(last("nest_kafka_queued_records", ("role", "client"), ("client", "producer")) != nil)
        #expect(metrics.recorders(label: "nest_kafka_broker_rtt_us").contains { ($0.lastValue ?? 0) > 0 })
        await client.close()
        await service.stop()
    }

    /// Without an interval nothing is counted.
    @Test func figuresAreAnOption() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.statisticsInterval = .zero
        let metrics = TestMetrics()
        let client = try await withMetricsFactory(metrics) { [options] in
            let client = try ClientProxy.kafka(options)
            try await client.emit("test.noted", "x")
            return client
        }
        await client.close()
        #expect(!metrics.recorders.contains { $0.label.hasPrefix("nest_kafka") })
    }

    /// What asks without being a member counts records too, where brokers tell their ends.
    @Test func theLagOfABatchFromOutside() async throws {
        let mock = try await Brokers.shared.mock()
        var options = KafkaOptions.test(mock.bootstrap)
        options.topics.provision = .check
        options.consumer.sessionTimeout = KafkaMock.sessionTimeout
        options.linger = .milliseconds(20)
        for topic in ["requests", "events", "replies", "dead.default"] {
            try mock.provideTopic("\(options.prefix).\(topic)", partitions: 3)
        }
        let service = try await KafkaService.start(options) { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 1) }
        let client = try ClientProxy.kafka(options)
        try await emit(20, client)
        try await service.probe.gate.eventuallyHolds(20)
        let health = try KafkaBrokerHealth("kafka", options, service: "default", maxLag: 19)
        let behind = try await health.check()
        #expect(behind.details["lag \(options.prefix).events"] == "20")
        #expect(behind.state == .degraded)
        await client.close()
        await service.stop()
    }

    private func emit(_ count: Int, _ client: ClientProxy) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<count {
                let options = CallOptions(key: "\(number)")
                group.addTask { try await client.emit("test.held", "\(number)", options: options) }
            }
            try await group.waitForAll()
        }
    }

    /// Looks again after each request: figures come by themselves.
    private func eventually(_ client: ClientProxy, _ what: String, _ holds: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while await !holds() {
            try #require(ContinuousClock.now < end, "waited in vain for \(what)")
            _ = try await client.send("test.echo", 1, as: Int.self)
        }
    }
}
