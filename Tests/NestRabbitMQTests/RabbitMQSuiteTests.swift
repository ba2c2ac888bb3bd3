import NestRabbitMQ
import NestTesting
import Testing

extension TransportFixture {
    private static func rabbit(
        _ name: String, canCut: Bool = false, secure: Bool = false,
        _ configure: @escaping @Sendable (inout RabbitMQOptions) -> Void = { _ in }
    ) -> TransportFixture {
        var options = RabbitMQOptions()
        configure(&options)
        return TransportFixture(
            name, guarantees: RabbitMQTransport(options).guarantees, canCut: canCut,
            exempt: [
                "a killed server's callers get an error at once":
                    "a request whose consumer died goes to another instance while its caller waits"
            ]
        ) {
            let broker = try await Brokers.shared.plain()
            let trust = try Certificates.shared.get().trust
            return RabbitStage(secure ? broker.tlsURL : broker.url, proxied: canCut ? broker.port : nil) {
                if secure { $0.tls = trust }
                configure(&$0)
            }
        }
    }

    static let quorum = rabbit("rabbitmq, quorum queues")
    static let classic = rabbit("rabbitmq, classic queues") { $0.queues.kind = .classic }
    static let ordered = rabbit("rabbitmq, one consumer at a time") { $0.queues.singleActiveConsumer = true }
    static let secure = rabbit("rabbitmq, TLS", secure: true)
    static let secureClassic = rabbit("rabbitmq, TLS, classic queues", secure: true) { $0.queues.kind = .classic }
    static let proxied = rabbit("rabbitmq through a proxy", canCut: true)
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .quorum))
    func quorum(_ testCase: TransportCase) async throws { try await testCase.run(on: .quorum) }

    @Test(arguments: TransportSuite.cases(for: .classic))
    func classic(_ testCase: TransportCase) async throws { try await testCase.run(on: .classic) }

    @Test(arguments: TransportSuite.cases(for: .secure))
    func secure(_ testCase: TransportCase) async throws { try await testCase.run(on: .secure) }

    @Test(arguments: TransportSuite.cases(for: .secureClassic))
    func secureClassic(_ testCase: TransportCase) async throws { try await testCase.run(on: .secureClassic) }

    /// Groups do not share their events here: one instance has them all.
    @Test(arguments: TransportSuite.cases(for: .ordered).filter { $0.needs.contains(.orderedPerKey) })
    func ordered(_ testCase: TransportCase) async throws { try await testCase.run(on: .ordered) }

    @Test(arguments: TransportSuite.cases(for: .proxied).filter(\.needsCut))
    func proxied(_ testCase: TransportCase) async throws { try await testCase.run(on: .proxied) }
}
