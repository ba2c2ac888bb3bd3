import CRdKafka
import NestTesting
import Testing

/// What the other tests stand on, seen by a client that is not ours.
@Suite(
    .serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"),
    .enabled(if: PythonPeer.isExpected("confluent_kafka"), "confluent-kafka is not installed"))
struct KafkaFixtureTests {
    private struct Result: Decodable, Equatable {
        var produced: Int?
        var consumed: Int?
        var error: String?

        static func done(_ produced: Int, _ consumed: Int) -> Result { Result(produced: produced, consumed: consumed) }
        static func failed(_ error: String) -> Result { Result(error: error) }
    }

    private func roundTrip(
        _ bootstrap: String, _ properties: [String] = [], topic: String = "t\(UInt32.random(in: 0 ... .max))",
        count: Int = 20, expecting expected: Int? = nil
    ) async throws -> Result {
        let numbers = ["\(count)", "\(expected ?? count)"]
        let peer = try PythonPeer("roundtrip", [bootstrap, topic] + numbers + properties)
        let result = try Payload(json: try await peer.lines(1)[0]).decode(Result.self)
        #expect(try await peer.end() == 0)
        return result
    }

    @Test func plainText() async throws {
        #expect(try await roundTrip(Brokers.shared.plain().bootstrap) == .done(20, 20))
    }

    @Test func tls() async throws {
        let certificates = try TestCertificates.shared.get()
        let listener = try await Brokers.shared.listener("tls", .tls(certificates.server()))
        let tls = "security.protocol=SSL"
        let authority = "ssl.ca.location=\(certificates.path("ca.pem"))"
        let other = "ssl.ca.location=\(certificates.path("other-ca.pem"))"
        #expect(try await roundTrip(listener.bootstrap, [tls, authority]) == .done(20, 20))
        #expect(try await roundTrip(listener.bootstrap, [tls, other]) == .failed("_SSL"))
    }

    @Test func tlsOfClients() async throws {
        let certificates = try TestCertificates.shared.get()
        let listener = try await Brokers.shared.listener("mutual", .tls(certificates.server(mutual: true)))
        let tls = ["security.protocol=SSL", "ssl.ca.location=\(certificates.path("ca.pem"))"]
        let mine = ["ssl.certificate.location=\(certificates.path("client.pem"))"]
        let key = ["ssl.key.location=\(certificates.path("client.key"))"]
        #expect(try await roundTrip(listener.bootstrap, tls + mine + key) == .done(20, 20))
        #expect(try await roundTrip(listener.bootstrap, tls) == .failed("_TRANSPORT"))
    }

    @Test(arguments: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
    func password(_ mechanism: String) async throws {
        let listener = try await Brokers.shared.listener("sasl", .user("app", password: "s3c:r@t"))
        let login = ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=\(mechanism)", "sasl.username=app"]
        #expect(try await roundTrip(listener.bootstrap, login + ["sasl.password=s3c:r@t"]) == .done(20, 20))
        #expect(listener.process.output.contains("authenticated \(mechanism) app"))
        #expect(
            try await roundTrip(listener.bootstrap, login + ["sasl.password=wrong"]) == .failed("_AUTHENTICATION"))
    }

    @Test func token() async throws {
        let certificates = try TestCertificates.shared.get()
        let access = KafkaBroker.Access.tokens(["t0ken"], tls: certificates.server())
        let listener = try await Brokers.shared.listener("token", access)
        let login = [
            "security.protocol=SASL_SSL", "ssl.ca.location=\(certificates.path("ca.pem"))",
            "sasl.mechanism=OAUTHBEARER",
        ]
        #expect(try await roundTrip(listener.bootstrap, login + ["token=t0ken"]) == .done(20, 20))
        #expect(try await roundTrip(listener.bootstrap, login + ["token=another"]) == .failed("_AUTHENTICATION"))
    }

    /// Clients that leave by the address they are told would pass the proxy by.
    @Test func behindAProxy() async throws {
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: 1)))
        let listener = try await Brokers.shared.plain().listener(behind: proxy)
        let before = proxy.traffic.value
        #expect(try await roundTrip(listener.bootstrap, count: 2000) == .done(2000, 2000))
        #expect(proxy.traffic.value.accepted - before.accepted >= 4)
        #expect(proxy.traffic.value.bytesToServer > 2000 * 4)
        try await proxy.close()
    }

    @Test func killedAndBack() async throws {
        let broker = try await KafkaBroker.started(durable: true)
        let topic = "kept"
        #expect(try await roundTrip(broker.bootstrap, topic: topic, count: 100) == .done(100, 100))
        await broker.process.kill()
        #expect(!broker.process.isRunning)
        try await broker.start()
        #expect(try await roundTrip(broker.bootstrap, topic: topic, count: 0, expecting: 100) == .done(0, 100))
    }

    @Test func pretendedCluster() async throws {
        let mock = try KafkaMock()
        try mock.createTopic("pretended")
        mock.fail(
            .produce, with: [RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION])
        #expect(try await roundTrip(mock.bootstrap, topic: "pretended") == .done(20, 20))
        mock.fail(.produce, with: [RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
        #expect(try await roundTrip(mock.bootstrap, topic: "pretended", count: 1, expecting: 0) == .done(0, 0))
    }
}
