import NestTesting
import Testing

@testable import NestNats

@Suite struct NatsAddressTests {
    @Test(arguments: [
        ("nats://127.0.0.1:4222", "127.0.0.1", 4_222, false),
        ("tls://nats.example", "nats.example", 4_222, true),
        ("NATS://host:1/", "host", 1, false),
        ("10.0.0.1:5000", "10.0.0.1", 5_000, false),
        (" nats://[::1]:7 ", "::1", 7, false),
        ("[fe80::1]", "fe80::1", 4_222, false),
    ])
    func reads(_ url: String, _ host: String, _ port: Int, _ isTLS: Bool) throws {
        let address = try NatsAddress(url: url)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isTLS == isTLS)
        #expect(address.login == nil)
    }

    @Test func keepsCredentialsApart() throws {
        let user = try NatsAddress(url: "nats://app:s%40c@ret@host:1")
        #expect(user.login == .user("app", password: "s@c@ret"))
        #expect("\(user)" == "nats://host:1")
        #expect(try NatsAddress(url: "nats://to%2Fken@host").login == .token("to/ken"))
    }

    @Test(arguments: [
        "http://host", "nats://", "nats://host:0", "nats://host:65536", "nats://host:x", "nats://a%zz@host",
    ])
    func refuses(_ url: String) throws {
        #expect(throws: TransportError.self) { try NatsAddress(url: url) }
    }

    @Test func tellsNoPasswords() throws {
        let credentials = NatsCredentials.user("app", password: .value("s3cret"))
        #expect(!"\(credentials) \(String(reflecting: credentials))".contains("s3cret"))
        do {
            _ = try NatsAddress(url: "nats://app:s3cret@host:x")
        } catch {
            #expect(!"\(error)".contains("s3cret"))
        }
    }

    @Test func refusesOptionsThatCannotWork() throws {
        let changes: [(inout NatsOptions) -> Void] = [
            { $0.servers = [] }, { $0.servers = ["x://"] }, { $0.prefix = "a..b" }, { $0.prefix = "$JS" },
            { $0.prefix = "a b" }, { $0.prefix = "a.>" }, { $0.inboxPrefix = "a.*" }, { $0.maxPending = 0 },
            { $0.reconnectDelay = .zero }, { $0.maxReconnectDelay = .milliseconds(1) }, { $0.streamWindow = 0 },
            { $0.connectTimeout = .zero }, { $0.maxWaiting = 0 }, { $0.maxBufferedBytes = 0 },
        ]
        for change in changes {
            var options = NatsOptions()
            change(&options)
            #expect(throws: TransportError.self, "\(options)") { try options.validate() }
        }
        try NatsOptions().validate()
    }
}
