import NestNats
import NestTesting
import Testing

extension TransportFixture {
    private static func nats(
        _ name: String, canCut: Bool = false, makeStage: @escaping @Sendable () async throws -> NatsStage
    ) -> TransportFixture {
        let dealt = """
            a server sends each message to an instance it picks at random, busy or not: there is no credit in core NATS \
            by which an instance could say that it has no place, and a message that was sent cannot be given to another
            """
        return TransportFixture(
            name, guarantees: NatsTransport(NatsOptions()).guarantees, canCut: canCut,
            exempt: [
                "a busy instance leaves requests to the others": dealt,
                "a busy instance leaves events to the others": dealt,
            ], makeStage: makeStage)
    }

    static let nats = nats("nats") { NatsStage(try await Brokers.shared.broker("plain")) }
    static let proxied = nats("nats through a proxy", canCut: true) {
        NatsStage(try await Brokers.shared.broker("plain"), proxied: true)
    }

    static func nats(_ login: NatsLogin) -> TransportFixture {
        nats("nats, \(login)") {
            var options = NatsOptions()
            try login.configure(&options)
            return NatsStage(try await login.broker(jetStream: false)) { [options] in
                ($0.credentials, $0.tls) = (options.credentials, options.tls)
            }
        }
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct NatsSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .nats))
    func nats(_ testCase: TransportCase) async throws { try await testCase.run(on: .nats) }

    @Test(arguments: TransportSuite.cases(for: .proxied).filter(\.needsCut))
    func proxied(_ testCase: TransportCase) async throws { try await testCase.run(on: .proxied) }

    @Test(arguments: NatsLogin.allCases, TransportSuite.cases(for: .nats))
    func secured(_ login: NatsLogin, _ testCase: TransportCase) async throws {
        try await testCase.run(on: .nats(login))
    }

    /// What core NATS does not promise, by name: a case that disappears is seen here.
    @Test func whatIsLeftOut() {
        let skipped = TransportSuite.skipped(for: .proxied)
        let exempt = skipped.filter { !$0.reason.hasPrefix("not promised") }.map(\.name)
        let places = ["a busy instance leaves events to the others", "a busy instance leaves requests to the others"]
        #expect(exempt == places)
        #expect(skipped.count == 9, "\(skipped.map(\.name))")
    }
}
