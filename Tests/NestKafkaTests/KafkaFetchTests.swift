import NestTesting
import Testing

@testable import NestKafka

/// What is fetched ahead.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaFetchTests {
    /// A hundred times as much as may be buffered. A library that looks once a second whether there is room again needs
    /// half a minute.
    @Test func aSmallBufferDoesNotSlowDown() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.consumer.maxBufferedBytes = 64 << 10
        options.consumer.start = .beginning
        let text = String(repeating: "x", count: 1_000)
        let client = try ClientProxy.kafka(options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8_000 {
                group.addTask { try await client.emit("test.noted", "\(number) \(text)") }
            }
            try await group.waitForAll()
        }
        await client.close()
        let service = try await KafkaService.start(options)
        let joined = ContinuousClock.now
        try await service.probe.log.eventually(within: .seconds(120), "all") { $0.count == 8_000 }
        #expect(ContinuousClock.now - joined < .seconds(10))
        await service.stop()
    }
}
