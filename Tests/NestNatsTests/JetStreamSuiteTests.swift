import NestNats
import NestTesting
import Testing

/// A stream of its own.
private final class JetStreamStage: TransportStage {
    private let options: NatsOptions

    init(_ broker: NatsBroker, _ login: NatsLogin? = nil) throws {
        var options = NatsOptions.test(broker.url)
        try login?.configure(&options)
        var stream = JetStreamOptions(
            stream: options.prefix,
            subjects: ["kept.>", "shared.>", "told.>", "suite.created", "suite.other", "suite.a.b"])
        stream.storage = .memory
        stream.ackWait = .seconds(2)
        options.jetStream = stream
        self.options = options
    }

    func serverTransport(at endpoint: Endpoint?) -> any Transport { NatsTransport(options) }
    func clientTransport(to endpoint: Endpoint?) -> any Transport { NatsTransport(options) }

    func deadLetters(atLeast count: Int) async throws -> [MessageHeaders] {
        let letters = try NatsDeadLetters(options, group: "suite")
        while true {
            let found = try await letters.list().letters
            if found.count >= count { return found.map(\.headers) }
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}

extension TransportFixture {
    fileprivate static let jetStream = jetStream("nats with a stream") {
        try JetStreamStage(try await Brokers.shared.broker("jetstream", jetStream: true))
    }

    fileprivate static func jetStream(_ login: NatsLogin) -> TransportFixture {
        jetStream("nats with a stream, \(login)") {
            try JetStreamStage(try await login.broker(jetStream: true), login)
        }
    }

    private static func jetStream(
        _ name: String, makeStage: @escaping @Sendable () async throws -> JetStreamStage
    ) -> TransportFixture {
        var options = NatsOptions()
        options.jetStream = JetStreamOptions(stream: "S", subjects: ["a"])
        return TransportFixture(
            name, guarantees: NatsTransport(options).guarantees,
            exempt: [
                "a busy instance leaves requests to the others": """
                requests go over core NATS also where a stream keeps the events, and it picks an instance at random
                """
            ], makeStage: makeStage)
    }
}

@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct JetStreamSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .jetStream))
    fileprivate func jetStream(_ testCase: TransportCase) async throws { try await testCase.run(on: .jetStream) }

    @Test(arguments: NatsLogin.allCases, TransportSuite.cases(for: .jetStream))
    fileprivate func secured(_ login: NatsLogin, _ testCase: TransportCase) async throws {
        try await testCase.run(on: .jetStream(login))
    }
}
