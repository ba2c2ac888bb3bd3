import Foundation
import NestNats
import NestTesting
import Testing

private let seed = NatsLogin.seed
private let publicKey = NatsLogin.publicKey

@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct NatsSecurityTests {
    /// A service and a call over it.
    private func works(_ options: NatsOptions) async throws {
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        let reply: Int = try await client.send("test.echo", 7)
        #expect(reply == 7)
        await client.close()
        await service.stop()
    }

    /// The error of an attempt to connect, which comes within a second.
    private func error(_ options: NatsOptions) async throws -> TransportError? {
        let client = try ClientProxy.nats(options)
        let begin = ContinuousClock.now
        var found: TransportError?
        do throws(TransportError) {
            try await client.connect()
        } catch {
            found = error
        }
        #expect(ContinuousClock.now - begin < .seconds(1))
        await client.close()
        return found
    }

    @Test func userAndPassword() async throws {
        let broker = try await NatsBroker.started(.user("app", password: "s3c:r@t"))
        var options = NatsOptions.test(broker.url)
        options.credentials = .user("app", password: .value("s3c:r@t"))
        try await works(options)
        try await works(.test("nats://app:s3c%3Ar%40t@127.0.0.1:\(broker.port)"))
        options.credentials = .user("app", password: .value("wrong"))
        let refused = try await error(options)
        #expect(refused?.code == .unauthenticated)
        #expect(refused?.message.contains("credentials") == true)
        #expect("\(String(describing: refused))".contains("wrong") == false)
        options.credentials = nil
        #expect(try await error(options)?.code == .unauthenticated)
        await #expect(throws: TransportError.self) { try await NatsService.start(options) }
    }

    @Test func token() async throws {
        let broker = try await NatsBroker.started(.token("t0ken"))
        var options = NatsOptions.test(broker.url)
        options.credentials = .token(.value("t0ken"))
        try await works(options)
        try await works(.test("nats://t0ken@127.0.0.1:\(broker.port)"))
        options.credentials = .token(.value("other"))
        #expect(try await error(options)?.code == .unauthenticated)
    }

    @Test func nkey() async throws {
        let broker = try await NatsBroker.started(.nkey(publicKey))
        var options = NatsOptions.test(broker.url)
        options.credentials = .nkey(publicKey, seed: .value(seed))
        try await works(options)
        options.credentials = .nkey(publicKey, seed: .value("SUANOSEED"))
        #expect(try await error(options) != nil)
    }

    @Test func tls() async throws {
        let certificates = try Certificates.shared.get()
        let broker = try await NatsBroker.started(.user("app", password: "s3cret", tls: certificates.server()))
        var options = NatsOptions.test(broker.url)
        options.credentials = .user("app", password: .value("s3cret"))
        options.tls = NatsTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        try await works(options)
        options.servers = ["nats://localhost:\(broker.port)"]
        try await works(options)
        options.tls?.certificateAuthority = .text(
            try String(contentsOfFile: certificates.path("ca.pem"), encoding: .utf8))
        try await works(options)
        options.tls?.certificateAuthority = .file(certificates.path("other-ca.pem"))
        let foreign = try await error(options)
        #expect(foreign?.code == .unauthenticated)
        #expect(foreign?.message.contains("TLS") == true)
        options.tls?.certificateAuthority = nil
        #expect(try await error(options)?.code == .unauthenticated)
        options.tls?.insecureSkipVerification = true
        try await works(options)
        options.tls = NatsTLSOptions(certificateAuthority: .file("/nowhere/ca.pem"))
        #expect(try await error(options)?.code == .invalidConfiguration)
    }

    @Test func tlsChecksTheServersName() async throws {
        let certificates = try Certificates.shared.get()
        let broker = try await NatsBroker.started(Access(tls: certificates.server("other-name")))
        var options = NatsOptions.test(broker.url)
        options.tls = NatsTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        #expect(try await error(options)?.code == .unauthenticated)
        options.tls?.serverName = "elsewhere.example"
        try await works(options)
    }

    @Test func mutualTLS() async throws {
        let certificates = try Certificates.shared.get()
        let broker = try await NatsBroker.started(Access(tls: certificates.server(mutual: true)))
        var options = NatsOptions.test(broker.url)
        options.tls = NatsTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        #expect(try await error(options) != nil)
        options.tls?.certificate = .file(certificates.path("client.pem"))
        options.tls?.privateKey = .file(certificates.path("client.key"))
        try await works(options)
    }

    @Test func plainTextWhereTLSIsDemanded() async throws {
        let certificates = try Certificates.shared.get()
        let broker = try await NatsBroker.started(Access(tls: certificates.server()))
        // The library does TLS when the server demands it, and then finds an authority it does not know.
        #expect(try await error(.test("nats://127.0.0.1:\(broker.port)"))?.code == .unauthenticated)
        let plain = try await NatsBroker.started()
        #expect(try await error(.test("tls://127.0.0.1:\(plain.port)"))?.code == .invalidConfiguration)
    }

    @Test func nobodyThere() async throws {
        let error = try await error(.test("nats://127.0.0.1:\(FreePort.take())"))
        #expect(error?.code == .disconnected)
        #expect(error?.message.contains("refused") == true)
        #expect(try await self.error(.test("nats://nowhere.invalid:1"))?.code == .disconnected)
    }

    /// A service that may not subscribe does not start; a client that may not answers why.
    @Test func permissions() async throws {
        let broker = try await NatsBroker.started(
            Access(authorization: #"{ users: [ {user: a, password: b, permissions: {subscribe: "_INBOX.>"}} ] }"#))
        var options = NatsOptions.test(broker.url)
        options.credentials = .user("a", password: .value("b"))
        do {
            _ = try await NatsService.start(options)
            Issue.record("it started")
        } catch let error as TransportError {
            #expect(error.code == .forbidden)
        }
        let client = try ClientProxy.nats(options)
        try await client.connect()
        await client.close()
        options.inboxPrefix = "replies"
        #expect(try await error(options)?.code == .forbidden)
    }

    private typealias Access = NatsBroker.Access
}

extension NatsBroker.Access {
    fileprivate init(tls: TLS) { self.init(authorization: nil, tls: tls) }
}
