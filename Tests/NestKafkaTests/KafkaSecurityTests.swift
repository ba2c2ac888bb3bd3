import NestKafka
import NestTesting
import Synchronization
import Testing

@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaSecurityTests {
    private static let password = "s3c:r@t"

    /// What connecting comes to, which it says within two seconds.
    private func failure(_ bootstrap: String, _ connection: KafkaConnectionOptions) async throws -> TransportError? {
        let begin = ContinuousClock.now
        let error = await thrown { () throws(TransportError) in
            try await kafkaClusterReachable(brokers: [bootstrap], connection: connection)
        }
        #expect(ContinuousClock.now - begin < .seconds(2))
        var options = KafkaOptions.test(bootstrap)
        options.connection = connection
        let client = try ClientProxy.kafka(options)
        let again = ContinuousClock.now
        let second = await thrown { () throws(TransportError) in try await client.connect() }
        #expect(ContinuousClock.now - again < .seconds(2))
        #expect(second?.code == error?.code)
        await client.close()
        return error
    }

    @Test func nobodyThere() async throws {
        let nobody = try await failure("127.0.0.1:1", .init())
        #expect(nobody?.code == .disconnected)
        let unknown = try await failure("nowhere.invalid:9092", .init())
        #expect(unknown?.code == .disconnected)
        #expect(unknown?.message.contains("`brokers`") == true, "\(unknown?.message ?? "")")
    }

    @Test func certificatesAreChecked() async throws {
        let certificates = try TestCertificates.shared.get()
        let listener = try await Brokers.shared.listener("tls", .tls(certificates.server()))
        let trust = KafkaTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        #expect(try await failure(listener.bootstrap, .init(tls: trust)) == nil)
        let other = KafkaTLSOptions(certificateAuthority: .file(certificates.path("other-ca.pem")))
        let refused = try await failure(listener.bootstrap, .init(tls: other))
        #expect(refused?.code == .unauthenticated)
        #expect(refused?.message.contains("`connection.tls`") == true)
        let nowhere = KafkaTLSOptions(certificateAuthority: .file("/nowhere.pem"))
        #expect(try await failure(listener.bootstrap, .init(tls: nowhere))?.code == .invalidConfiguration)
        // Plain text where TLS is spoken, and the other way round.
        #expect(try await failure(listener.bootstrap, .init())?.code == .disconnected)
        let plain = try await Brokers.shared.plain().bootstrap
        #expect(try await failure(plain, .init(tls: trust)) != nil)
    }

    @Test func certificatesOfClients() async throws {
        let certificates = try TestCertificates.shared.get()
        let listener = try await Brokers.shared.listener("mutual", .tls(certificates.server(mutual: true)))
        var tls = KafkaTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        let refused = try await failure(listener.bootstrap, .init(tls: tls))
        #expect(refused?.code == .unauthenticated, "\(refused.map { "\($0)" } ?? "")")
        tls.certificate = .file(certificates.path("client.pem"))
        tls.privateKey = .file(certificates.path("client.key"))
        #expect(try await failure(listener.bootstrap, .init(tls: tls)) == nil)
    }

    @Test func passwords() async throws {
        let listener = try await Brokers.shared.listener("sasl", .user("app", password: Self.password))
        let make: [@Sendable (Secret) -> KafkaSaslOptions] = [
            { .plain("app", password: $0) }, { .scramSHA256("app", password: $0) },
            { .scramSHA512("app", password: $0) },
        ]
        for sasl in make {
            let right = KafkaConnectionOptions(sasl: sasl(.value(Self.password)))
            #expect(try await failure(listener.bootstrap, right) == nil)
            #expect(!"\(right)".contains(Self.password))
            let wrong = try await failure(listener.bootstrap, .init(sasl: sasl(.value("wr0ng"))))
            #expect(wrong?.code == .unauthenticated)
            #expect(wrong?.message.contains("wr0ng") == false)
            #expect(wrong?.message.contains("`connection.sasl`") == true)
        }
    }

    /// A token is asked for at first and again before it expires.
    @Test func tokensAreRefreshed() async throws {
        let listener = try await Brokers.shared.listener("tokens", .tokens(["t0ken"]))
        let asked = Watched(0)
        let sasl = KafkaSaslOptions.oauthBearer {
            asked.increment()
            return KafkaToken("t0ken", principal: "app", lifetime: .seconds(3))
        }
        var options = KafkaOptions.test(listener.bootstrap)
        options.connection.sasl = sasl
        let client = try ClientProxy.kafka(options)
        try await client.connect()
        let atFirst = asked.value
        #expect(atFirst >= 1)
        try await asked.eventually("another token") { $0 > atFirst }
        await client.close()
        let refused = try await failure(
            listener.bootstrap,
            .init(sasl: .oauthBearer { KafkaToken("other", principal: "app", lifetime: .seconds(60)) }))
        #expect(refused?.code == .unauthenticated)
        let failing = try await failure(listener.bootstrap, .init(sasl: .oauthBearer { throw ServiceFailure() }))
        #expect(failing?.code == .unauthenticated)
    }

    /// A service and a client over TLS with a password, everything they do included.
    @Test func aServiceOverTLSWithAPassword() async throws {
        let certificates = try TestCertificates.shared.get()
        let access = KafkaBroker.Access.user("app", password: Self.password, tls: certificates.server())
        let listener = try await Brokers.shared.listener("sasl-tls", access)
        var options = KafkaOptions.test(listener.bootstrap)
        options.connection.tls = KafkaTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        options.connection.sasl = .scramSHA512("app", password: .value(Self.password))
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        let reply: [Int] = try await client.send("test.echo", [1, 2])
        #expect(reply == [1, 2])
        try await client.emit("test.noted", "x", options: CallOptions(key: "k"))
        try await service.probe.log.eventually("the event") { $0 == ["a x k"] }
        await client.close()
        await service.stop()
    }

    /// Librdkafka before 2.2 cannot read what this broker says first, and is told apart from a network that fails.
    @Test func aLibraryThatIsTooOldIsNamed() async throws {
        let direct = "127.0.0.1:\(try await Brokers.shared.plain().directPort)"
        let error = try await failure(direct, .init())
        if KafkaLibrary.isOld {
            #expect(error?.message.contains("librdkafka 2.2 or newer") == true, "\(error?.message ?? "")")
        } else {
            #expect(error == nil)
        }
    }
}
