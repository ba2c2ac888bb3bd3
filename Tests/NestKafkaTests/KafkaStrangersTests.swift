import NestKafka
import NestTesting
import Testing

/// Topics are open to everybody who may write there.
@Suite(
    .serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"),
    .enabled(if: PythonPeer.isExpected("confluent_kafka"), "confluent-kafka is not installed"))
struct KafkaStrangersTests {
    /// Garbage, tombstones, absurd headers and records of megabytes, in each topic there is: the service goes on, with the
    /// partitions they are in, and keeps what it cannot handle.
    @Test func whatStrangersWriteHoldsUpNothing() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let service = try await KafkaService.start(options) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 2, backoff: .constant(.milliseconds(50)))
        }
        let client = try ClientProxy.kafka(options)
        try await client.connect()
        let peer = try PythonPeer(
            "stranger", options.brokers[0], options.prefix, "\(options.prefix).retry.default.50")
        #expect(try await peer.lines(1) == ["written"])
        #expect(try await peer.end() == 0)
        for number in 0..<12 {
            let reply: Int = try await client.send("test.echo", number, options: CallOptions(key: "\(number)"))
            #expect(reply == number)
            try await client.emit("test.noted", "\(number)", options: CallOptions(key: "\(number)"))
            try await client.emit("test.failing", "f\(number)")
        }
        let log = try await service.probe.log.eventually(within: .seconds(20), "all events") { log in
            (0..<12).allSatisfy { log.contains("a \($0) \($0)") && log.contains("f\($0) 2 -") }
                && log.count { $0.hasPrefix("a due ") } >= 3 && log.contains("far 2 -")
        }
        #expect(log.count { $0.hasPrefix("a due ") } == 3)
        #expect(log.filter { $0.hasPrefix("far ") } == ["far 1 -", "far 2 -"])
        try await everythingIsCommitted(options, client)
        let letters = try await KafkaDeadLetters(options, group: "default").list(after: nil, limit: 1_000).letters
        #expect(letters.contains { $0.source?.hasPrefix("\(options.prefix).events[0]@") == true })
        #expect(letters.contains { $0.headers["nest-dead-bytes"] == "3600000" })
        await client.close()
        await service.stop()
    }

    /// No record keeps the offset of its partition from moving on.
    private func everythingIsCommitted(_ options: KafkaOptions, _ client: ClientProxy) async throws {
        let health = try KafkaBrokerHealth("kafka", options, service: "default")
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let lags = try await health.check().details.filter { $0.key.hasPrefix("lag ") }
            if lags.count >= 3, lags.values.allSatisfy({ $0 == "0" }) { return }
            try #require(ContinuousClock.now < end, "\(lags)")
        }
    }
}
