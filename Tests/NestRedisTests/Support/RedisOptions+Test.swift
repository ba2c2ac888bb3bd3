import NestRedis
import NestTesting

extension RedisMode {
    static let durable = [RedisMode.streams, .lists]
    static let all = [RedisMode.streams, .lists, .pubSub]
}

extension RedisOptions {
    /// Quick to come back, under a prefix of its own, and the queue of ``RedisService``.
    static func test(
        _ url: String, _ mode: RedisMode = .streams, prefix: String = "p\(UInt32.random(in: 0 ... .max))"
    ) -> RedisOptions {
        var options = RedisOptions(servers: [url])
        options.mode = mode
        options.prefix = prefix
        options.queue = "test"
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(50)
        options.claimAfter = .seconds(2)
        return options
    }

    /// The user and the authority of ``Brokers/secure(_:)``.
    mutating func login() throws {
        credentials = RedisCredentials(user: "app", password: .value("s3c:r@t"))
        tls = RedisTLSOptions(certificateAuthority: .file(try TestCertificates.shared.get().path("ca.pem")))
    }
}

extension ClientProxy {
    static func redis(_ options: RedisOptions) throws -> ClientProxy {
        var config = ClientConfig("test", transport: RedisTransport(options))
        config.logger = RedisService.quiet
        return try ClientProxy(config)
    }
}
