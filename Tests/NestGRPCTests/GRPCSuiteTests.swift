import NestGRPC
import NestTesting
import Testing

extension TransportFixture {
    private static func grpc(
        _ name: String, canCut: Bool = false, makeStage: @escaping @Sendable () async throws -> any TransportStage
    ) -> TransportFixture {
        let inline = "a handler that needs no task needs no place: it is answered at once"
        return TransportFixture(
            name, guarantees: GRPCTransport(GRPCOptions(port: 0)).guarantees, canCut: canCut,
            exempt: ["work nobody waits for any more is not begun": inline], makeStage: makeStage)
    }

    static let grpc = grpc("gRPC") { GRPCStage(.direct) }
    static let severalConnections = grpc("gRPC over three connections") { GRPCStage(.direct, connections: 3) }
    static let grpcTLS = grpc("gRPC with TLS") {
        GRPCStage(.direct, serverTLS: try Certificates.server(), clientTLS: try Certificates.client())
    }
    static let grpcMutualTLS = grpc("gRPC with mutual TLS, through a proxy", canCut: true) {
        GRPCStage(
            .proxy(.pass), serverTLS: try Certificates.server(mutual: true),
            clientTLS: try Certificates.client(mutual: true))
    }
    static let grpcProxied = grpc("gRPC through a proxy", canCut: true) { GRPCStage(.proxy(.pass)) }
}

/// One after another: each case brings its own load.
@Suite(.serialized) struct GRPCSuiteTests {
    @Test(arguments: TransportSuite.cases(for: .grpc))
    func grpc(_ testCase: TransportCase) async throws { try await testCase.run(on: .grpc) }

    @Test(arguments: TransportSuite.cases(for: .severalConnections))
    func severalConnections(_ testCase: TransportCase) async throws { try await testCase.run(on: .severalConnections) }

    @Test(arguments: TransportSuite.cases(for: .grpcTLS))
    func tls(_ testCase: TransportCase) async throws { try await testCase.run(on: .grpcTLS) }

    @Test(arguments: TransportSuite.cases(for: .grpcMutualTLS))
    func mutualTLS(_ testCase: TransportCase) async throws { try await testCase.run(on: .grpcMutualTLS) }

    @Test(arguments: TransportSuite.cases(for: .grpcProxied))
    func proxied(_ testCase: TransportCase) async throws { try await testCase.run(on: .grpcProxied) }

    /// What gRPC does not promise, by name: a case that disappears is seen here.
    @Test func whatIsLeftOut() {
        let skipped = TransportSuite.skipped(for: .grpcProxied)
        #expect(skipped.allSatisfy { $0.reason.hasPrefix("not promised") || $0.name.hasPrefix("work nobody waits") })
        #expect(skipped.count == 14, "\(skipped.map(\.name))")
    }
}
