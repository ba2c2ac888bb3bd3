import NestRabbitMQ
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQSecurityTests {
    private func failure(_ options: RabbitMQOptions) async throws -> TransportError? {
        let client = try ClientProxy.rabbit(options)
        let begin = ContinuousClock.now
        let error = await thrown { () throws(TransportError) in try await client.connect() }
        #expect(ContinuousClock.now - begin < .seconds(2))
        await client.close()
        return error
    }

    @Test func wrongPasswordsAndVirtualHosts() async throws {
        let port = try await Brokers.shared.plain().port
        let password = try await failure(.test("amqp://guest:wr0ng@127.0.0.1:\(port)"))
        #expect(password?.code == .unauthenticated)
        #expect(password?.message.contains("wr0ng") == false)
        let host = try await failure(.test("amqp://127.0.0.1:\(port)/nowhere"))
        #expect(host?.code == .invalidConfiguration || host?.code == .unauthenticated)
        #expect(host?.message.contains("nowhere") == true)
        let nobody = try await failure(.test("amqp://127.0.0.1:1"))
        #expect(nobody?.code == .disconnected)
    }

    @Test func certificatesAreChecked() async throws {
        let broker = try await Brokers.shared.plain()
        let certificates = try Certificates.shared.get()
        var options = RabbitMQOptions.test(broker.tlsURL)
        options.tls = certificates.trust
        // The address itself stands in the certificate.
        #expect(try await failure(options) == nil)
        options.servers = ["amqps://localhost:\(broker.tlsPort)"]
        #expect(try await failure(options) == nil)
        options.tls = RabbitMQTLSOptions(certificateAuthority: .file(certificates.path("other-ca.pem")))
        #expect(try await failure(options)?.code == .unauthenticated)
        options.tls = nil
        #expect(try await failure(options)?.code == .unauthenticated)
        options.tls = RabbitMQTLSOptions(certificateAuthority: .file("/nowhere.pem"))
        #expect(try await failure(options)?.code == .invalidConfiguration)
    }

    @Test func certificatesForAnotherNameAreRefused() async throws {
        let certificates = try Certificates.shared.get()
        let broker = try await RabbitMQBroker.started(tls: certificates.server("other-name"))
        var options = RabbitMQOptions.test(broker.tlsURL)
        options.tls = certificates.trust
        #expect(try await failure(options)?.code == .unauthenticated)
        options.tls?.serverName = "elsewhere.example"
        #expect(try await failure(options) == nil)
    }

    @Test func plainTextAndTLSDoNotMeet() async throws {
        let broker = try await Brokers.shared.plain()
        #expect(try await failure(.test("amqp://127.0.0.1:\(broker.tlsPort)")) != nil)
        var options = RabbitMQOptions.test("amqps://127.0.0.1:\(broker.port)")
        options.tls = try Certificates.shared.get().trust
        #expect(try await failure(options) != nil)
    }

    @Test func aCertificateSaysWhoWeAre() async throws {
        let certificates = try Certificates.shared.get()
        let broker = try await RabbitMQBroker.started(
            tls: certificates.server(mutual: true), plugins: ["rabbitmq_auth_mechanism_ssl"],
            extra: "auth_mechanisms.1 = EXTERNAL\nauth_mechanisms.2 = PLAIN\nssl_cert_login_from = common_name")
        try await broker.control("add_user", "a client", "unused")
        try await broker.control("set_permissions", "a client", ".*", ".*", ".*")
        var options = RabbitMQOptions.test(broker.tlsURL)
        options.credentials = .certificate
        options.tls = certificates.trust
        #expect(try await failure(options) != nil)
        options.tls?.certificate = .file(certificates.path("client.pem"))
        options.tls?.privateKey = .file(certificates.path("client.key"))
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        let reply: [Int] = try await client.send("test.echo", [1, 2])
        #expect(reply == [1, 2])
        await client.close()
        await service.stop()
    }

    @Test func secretsAreNotShown() {
        var options = RabbitMQOptions(servers: ["amqp://u:p4ss@h"])
        options.credentials = .user("shop", password: .value("s3cret"))
        options.tls = RabbitMQTLSOptions(privateKey: .text("k3y"))
        var text = ""
        dump(options.credentials, to: &text)
        dump(options.tls, to: &text)
        #expect(!text.contains("s3cret") && !text.contains("k3y"))
        #expect(text.contains("shop"))
    }
}
