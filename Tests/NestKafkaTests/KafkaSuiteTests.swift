import NestKafka
import NestTesting
import Testing

extension TransportFixture {
    static let kafka = TransportFixture("kafka", guarantees: KafkaTransport(KafkaOptions()).guarantees) {
        KafkaStage(try await Brokers.shared.plain().bootstrap)
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .kafka))
    func kafka(_ testCase: TransportCase) async throws { try await testCase.run(on: .kafka) }
}
