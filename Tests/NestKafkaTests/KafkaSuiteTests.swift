import NestKafka
import NestTesting
import Testing

extension TransportFixture {
    private static func kafka(
        _ name: String, _ makeStage: @escaping @Sendable () async throws -> any TransportStage
    ) -> TransportFixture {
        TransportFixture(
            name, guarantees: KafkaTransport(KafkaOptions()).guarantees,
            exempt: [
                "a busy instance leaves events to the others": "a partition is one instance's, busy or not",
                "a busy instance leaves requests to the others": "a partition is one instance's, busy or not",
                "a killed server's callers get an error at once":
                    "a request whose consumer died goes to another instance while its caller waits",
            ], makeStage: makeStage)
    }

    static let kafka = kafka("kafka") { KafkaStage(try await Brokers.shared.plain().bootstrap) }

    /// With TLS and a password that is proved and not sent.
    static let kafkaSecure = kafka("kafka, TLS and SCRAM") {
        let certificates = try TestCertificates.shared.get()
        let access = KafkaBroker.Access.user("app", password: "s3c:r@t", tls: certificates.server())
        let listener = try await Brokers.shared.listener("sasl-tls", access)
        return KafkaStage(listener.bootstrap) {
            $0.connection.tls = KafkaTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
            $0.connection.sasl = .scramSHA256("app", password: .value("s3c:r@t"))
        }
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .kafka))
    func kafka(_ testCase: TransportCase) async throws { try await testCase.run(on: .kafka) }

    /// What the way may change: each kind of message, and what is large or many.
    @Test(arguments: TransportSuite.cases(for: .kafkaSecure).filter { $0.needs.isEmpty || $0.needs == .streaming })
    func kafkaSecure(_ testCase: TransportCase) async throws { try await testCase.run(on: .kafkaSecure) }
}
