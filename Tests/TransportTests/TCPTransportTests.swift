import NestTCP
import NestTesting
import Testing

extension TransportFixture {
    private static func tcp(
        _ name: String, canCut: Bool = false, makeStage: @escaping @Sendable () async throws -> any TransportStage
    ) -> TransportFixture {
        let guarantees = TCPTransport(TCPOptions(port: 0)).guarantees
        let unread = "a request waits unread in its socket, where nobody sees its time run out"
        return TransportFixture(
            name, guarantees: guarantees, canCut: canCut,
            exempt: ["work nobody waits for any more is not begun": unread], makeStage: makeStage)
    }

    static let tcp = tcp("tcp") { try TCPStage(.direct) }
    static let unixSocket = tcp("tcp over a Unix socket") { try TCPStage(.unixSocket) }
    static let tls = tcp("tcp with TLS") {
        let certificates = try TestCertificates.shared()
        return try TCPStage(
            .direct, serverTLS: certificates.server(mutual: false), clientTLS: certificates.client(mutual: false))
    }
    static let mutualTLS = tcp("tcp with mutual TLS, through a proxy", canCut: true) {
        let certificates = try TestCertificates.shared()
        return try TCPStage(
            .proxy(.pass), serverTLS: certificates.server(mutual: true), clientTLS: certificates.client(mutual: true))
    }
    static let proxied = tcp("tcp through a proxy", canCut: true) { try TCPStage(.proxy(.pass)) }
    static let delayed = tcp("tcp through a proxy that delays", canCut: true) {
        try TCPStage(.proxy(.delay(.milliseconds(2))))
    }
}

/// One after another: each case brings its own load.
@Suite(.serialized) struct TCPTransportTests {
    @Test(arguments: TransportSuite.cases(for: .tcp))
    func tcp(_ testCase: TransportCase) async throws { try await testCase.run(on: .tcp) }

    @Test(arguments: TransportSuite.cases(for: .unixSocket))
    func unixSocket(_ testCase: TransportCase) async throws { try await testCase.run(on: .unixSocket) }

    @Test(arguments: TransportSuite.cases(for: .tls))
    func tls(_ testCase: TransportCase) async throws { try await testCase.run(on: .tls) }

    @Test(arguments: TransportSuite.cases(for: .mutualTLS))
    func mutualTLS(_ testCase: TransportCase) async throws { try await testCase.run(on: .mutualTLS) }

    @Test(arguments: TransportSuite.cases(for: .proxied))
    func proxied(_ testCase: TransportCase) async throws { try await testCase.run(on: .proxied) }

    @Test(arguments: TransportSuite.cases(for: .delayed))
    func delayed(_ testCase: TransportCase) async throws { try await testCase.run(on: .delayed) }

    /// What TCP does not promise, by name: a case that disappears is seen here.
    @Test func whatIsLeftOut() {
        let skipped = TransportSuite.skipped(for: .proxied)
        #expect(skipped.allSatisfy { $0.reason.hasPrefix("not promised") || $0.name.hasPrefix("work nobody waits") })
        #expect(skipped.count == 14, "\(skipped.map(\.name))")
    }
}
