import NestKafka
import NestTesting
import Testing

extension TransportFixture {
    static let kafka = TransportFixture(
        "kafka", guarantees: KafkaTransport(KafkaOptions()).guarantees,
        exempt: [
            "a busy instance leaves events to the others": "a partition is one instance's, busy or not",
            "a busy instance leaves requests to the others": "a partition is one instance's, busy or not",
            "a killed server's callers get an error at once":
                "a request whose consumer died goes to another instance while its caller waits",
        ]
    ) {
        KafkaStage(try await Brokers.shared.plain().bootstrap)
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .kafka))
    func kafka(_ testCase: TransportCase) async throws { try await testCase.run(on: .kafka) }
}
