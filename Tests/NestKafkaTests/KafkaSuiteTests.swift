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

    /// Librdkafka's pretended cluster, which does what Tansu does in its own way: offsets of several brokers, one of them
    /// leading each partition, latest offsets that are right.
    static let kafkaMock = kafka("kafka, the pretended cluster") {
        let mock = try await Brokers.shared.mock()
        return KafkaStage(mock.bootstrap, mock: mock) {
            $0.topics.provision = .check
            $0.consumer.sessionTimeout = KafkaMock.sessionTimeout
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

    /// The pretended cluster has whoever founds a group wait for three seconds: cases wait side by side. Left out is what needs
    /// a group to settle within the cases' ten seconds: each of its rebalances takes as long as a session.
    @Test func kafkaMock() async {
        let cases = TransportSuite.cases(for: .kafkaMock).filter { $0.needs.isEmpty || $0.needs == .streaming }
        await withTaskGroup(of: Void.self) { group in
            for (number, testCase) in cases.enumerated() {
                if number >= 12 { await group.next() }
                group.addTask {
                    do {
                        try await testCase.run(on: .kafkaMock)
                    } catch {
                        Issue.record("\(testCase): \(error)")
                    }
                }
            }
        }
    }
}
