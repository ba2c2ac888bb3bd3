import NestNats
import NestTesting
import Testing

extension TransportFixture {
    private static func nats(
        _ name: String, canCut: Bool = false, makeStage: @escaping @Sendable () async throws -> NatsStage
    ) -> TransportFixture {
        let dealt = "the broker deals messages out at random"
        let underWay = "a service does not know how long a request was under way; tried with more time beside the suite"
        return TransportFixture(
            name, guarantees: NatsTransport(NatsOptions()).guarantees, canCut: canCut,
            exempt: [
                "instances compete for requests": dealt, "instances of a group share its events": dealt,
                "work nobody waits for any more is not begun": underWay,
            ], makeStage: makeStage)
    }

    static let nats = nats("nats") { NatsStage(try await Brokers.shared.broker("plain")) }
    static let proxied = nats("nats through a proxy", canCut: true) {
        NatsStage(try await Brokers.shared.broker("plain"), proxied: true)
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .nats))
    func nats(_ testCase: TransportCase) async throws { try await testCase.run(on: .nats) }

    @Test(arguments: TransportSuite.cases(for: .proxied).filter(\.needsCut))
    func proxied(_ testCase: TransportCase) async throws { try await testCase.run(on: .proxied) }
}
