import NestTesting
import Testing

@testable import NestKafka

/// What is fetched ahead.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaFetchTests {
    /// Forty times as much as may be buffered. A library that looks once a second whether there is room again would need
    /// forty seconds.
    @Test func aSmallBufferDoesNotSlowDown() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.consumer.maxBufferedBytes = 64 << 10
        options.consumer.start = .beginning
        let text = String(repeating: "x", count: 1_000)
        let client = try ClientProxy.kafka(options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2_500 {
                group.addTask { try await client.emit("test.noted", "\(number) \(text)") }
            }
            try await group.waitForAll()
        }
        await client.close()
        let begin = ContinuousClock.now
        let service = try await KafkaService.start(options)
        let joined = ContinuousClock.now
        try await service.probe.log.eventually(within: .seconds(60), "all") { $0.count == 2_500 }
        #expect(ContinuousClock.now - joined < .seconds(10), "joined after \(joined - begin)")
        await service.stop()
    }
}
