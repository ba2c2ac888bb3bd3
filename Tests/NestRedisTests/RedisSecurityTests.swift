import NestRedis
import NestTesting
import Testing

/// Who may come in, and what those hear who may not.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisSecurityTests {
    /// A service, a call over it, and an event.
    private func works(_ options: RedisOptions) async throws {
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        let reply: Int = try await client.send("test.echo", 7)
        #expect(reply == 7)
        try await client.emit("test.noted", "x")
        try await service.probe.log.eventually("the event") { $0 == ["a x"] }
        await client.close()
        await service.stop()
    }

    /// The error of an attempt to connect, which comes within a second. A service that starts says the same.
    private func error(_ options: RedisOptions) async throws -> TransportError? {
        let client = try ClientProxy.redis(options)
        let found = try await soon { () throws(TransportError) in try await client.connect() }
        await client.close()
        do {
            let service = try await RedisService.start(options)
            Issue.record("the service has started")
            await service.stop()
        } catch let error as TransportError {
            #expect(error.code == found?.code)
        }
        return found
    }

    private func soon(_ body: () async throws(TransportError) -> Void) async throws -> TransportError? {
        let begin = ContinuousClock.now
        defer { #expect(ContinuousClock.now - begin < .seconds(1)) }
        do throws(TransportError) {
            try await body()
        } catch {
            return error
        }
        return nil
    }

    @Test(arguments: RedisMode.all)
    func userAndPassword(_ mode: RedisMode) async throws {
        let broker = try await RedisBroker.started(.user("app", password: "s3c:r@t"))
        var options = RedisOptions.test(broker.url, mode)
        options.credentials = RedisCredentials(user: "app", password: .value("s3c:r@t"))
        try await works(options)
        try await works(.test("redis://app:s3c%3Ar%40t@127.0.0.1:\(broker.port)", mode))
        options.credentials = RedisCredentials(user: "app", password: .value("guessed"))
        let refused = try await error(options)
        #expect(refused?.code == .unauthenticated)
        #expect("\(String(describing: refused))".contains("guessed") == false)
        options.credentials = nil
        #expect(try await error(options)?.code == .unauthenticated)
    }

    @Test func aPasswordWithoutAUser() async throws {
        let broker = try await RedisBroker.started(extra: ["requirepass s3cret"])
        var options = RedisOptions.test(broker.url)
        options.credentials = RedisCredentials(password: .value("s3cret"))
        try await works(options)
        try await works(.test("redis://:s3cret@127.0.0.1:\(broker.port)"))
        options.credentials = RedisCredentials(password: .value("guessed"))
        #expect(try await error(options)?.code == .unauthenticated)
    }

    /// A password that nobody asked for is no reason to stay out: the default user takes any.
    @Test func tls() async throws {
        let certificates = try TestCertificates.shared.get()
        let broker = try await RedisBroker.started(.user("app", password: "s3cret", tls: certificates.server()))
        var options = RedisOptions.test(broker.url)
        options.credentials = RedisCredentials(user: "app", password: .value("s3cret"))
        options.tls = RedisTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        try await works(options)
        options.servers = ["rediss://localhost:\(broker.port)"]
        try await works(options)
        options.tls?.certificateAuthority = .file(certificates.path("other-ca.pem"))
        let foreign = try await error(options)
        #expect(foreign?.code == .unauthenticated)
        #expect(foreign?.message.contains("TLS") == true)
        options.tls?.certificateAuthority = nil
        #expect(try await error(options)?.code == .unauthenticated)
        options.tls?.insecureSkipVerification = true
        try await works(options)
        options.tls = RedisTLSOptions(certificateAuthority: .file("/nowhere/ca.pem"))
        #expect(try await error(options)?.code == .invalidConfiguration)
    }

    @Test func tlsChecksTheServersName() async throws {
        let certificates = try TestCertificates.shared.get()
        let broker = try await RedisBroker.started(.init(tls: certificates.server("other-name")))
        var options = RedisOptions.test(broker.url)
        options.tls = RedisTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        #expect(try await error(options)?.code == .unauthenticated)
        options.tls?.serverName = "elsewhere.example"
        try await works(options)
    }

    @Test func mutualTLS() async throws {
        let certificates = try TestCertificates.shared.get()
        let broker = try await RedisBroker.started(.init(tls: certificates.server(mutual: true)))
        var options = RedisOptions.test(broker.url)
        options.tls = RedisTLSOptions(certificateAuthority: .file(certificates.path("ca.pem")))
        #expect(try await error(options) != nil)
        options.tls?.certificate = .file(certificates.path("client.pem"))
        options.tls?.privateKey = .file(certificates.path("client.key"))
        try await works(options)
    }

    /// Each side speaks the other language.
    @Test func plainTextAndTLSDoNotMix() async throws {
        let certificates = try TestCertificates.shared.get()
        let secure = try await RedisBroker.started(.init(tls: certificates.server()))
        #expect(try await error(.test("redis://127.0.0.1:\(secure.port)")) != nil)
        let plain = try await RedisBroker.started()
        // A server that is spoken to in TLS waits for the end of a line.
        var options = RedisOptions.test("rediss://127.0.0.1:\(plain.port)")
        options.connectTimeout = .milliseconds(300)
        #expect(try await error(options)?.message.contains("TLS") == true)
    }

    @Test func nobodyThere() async throws {
        let refused = try await error(.test("redis://127.0.0.1:\(FreePort.take())"))
        #expect(refused?.code == .disconnected)
        #expect(refused?.message.contains("refused") == true)
        #expect(try await error(.test("redis://nowhere.invalid:1"))?.code == .disconnected)
        #expect(try await error(.test("redis+unix:///nowhere/redis.sock"))?.code == .disconnected)
    }

    @Test(arguments: RedisMode.all)
    func aUnixSocket(_ mode: RedisMode) async throws {
        let broker = try await RedisBroker.started()
        try await works(.test("redis+unix://\(broker.socket)", mode))
        try await works(.test("redis+unix://\(broker.socket)?db=3", mode))
    }

    @Test func databases() async throws {
        let broker = try await RedisBroker.started(extra: ["databases 4"])
        var options = RedisOptions.test("\(broker.url)/3")
        try await works(options)
        #expect(try await broker.run("-n", "3", "DBSIZE") != "0")
        #expect(try await broker.run("DBSIZE") == "0")
        let beyond = try await error(.test("\(broker.url)/4"))
        #expect(beyond?.code == .invalidConfiguration)
        #expect(beyond?.message.contains("4") == true)
        options = .test(broker.url)
        options.database = 2
        try await works(options)
    }

    /// A service that may not do what it must says which command, before it takes work.
    @Test(arguments: [
        (RedisMode.streams, "-xreadgroup", "xreadgroup"), (.lists, "-blmove", "blmove"),
        (.pubSub, "-subscribe", "subscribe"), (.streams, "resetkeys ~other*", ""),
    ])
    func aUserWhoMayNotDoWhatIsNeeded(_ mode: RedisMode, _ rule: String, _ command: String) async throws {
        let broker = try await RedisBroker.started(.user("app", password: "x", rules: "~* &* +@all \(rule)"))
        var options = RedisOptions.test(broker.url, mode)
        options.credentials = RedisCredentials(user: "app", password: .value("x"))
        let error = try await soon { () throws(TransportError) in
            do {
                let service = try await RedisService.start(options)
                await service.stop()
            } catch let error as TransportError {
                throw error
            } catch {
                throw TransportError(.internal, "\(error)")
            }
        }
        #expect(error?.code == .forbidden)
        #expect(error?.message.lowercased().contains(command) == true, "\(String(describing: error))")
    }

    @Test func aClientThatMayNotSendSaysSo() async throws {
        let broker = try await RedisBroker.started(.user("app", password: "x", rules: "~* &* +@all -xadd"))
        var options = RedisOptions.test(broker.url)
        options.credentials = RedisCredentials(user: "app", password: .value("x"))
        let client = try ClientProxy.redis(options)
        for verb in ["send", "emit"] {
            let error = try await soon { () throws(TransportError) in
                if verb == "emit" { return try await client.emit("test.noted", "x") }
                try await client.send("test.echo", 1)
            }
            #expect(error?.code == .forbidden, "\(verb): \(String(describing: error))")
        }
        await client.close()
    }
}
