import NIOCore
import NIOPosix
import NIOSSL
import NestGRPC
import NestTesting
import Testing

@Suite(.serialized) struct TLSTests {
    private func error(server: TLSOptions, client: TLSOptions?) async throws -> TransportError? {
        try await TestService.run(GRPCOptions(port: 0, tls: server)) { service in
            try await service.withClient {
                $0.tls = client
                $0.connectTimeout = .seconds(2)
            } _: { client in
                await failure { () throws(TransportError) in try await client.send("echo", 1) }
            }
        }
    }

    @Test func aTrustedServerIsCalled() async throws {
        #expect(try await error(server: Certificates.server(), client: Certificates.client()) == nil)
        #expect(
            try await error(server: Certificates.server(mutual: true), client: Certificates.client(mutual: true)) == nil
        )
    }

    @Test func anUnknownAuthorityIsRefused() async throws {
        let client = TLSOptions.client(serverName: "localhost")
        let seen = try await error(server: Certificates.server(), client: client)
        #expect(seen?.code == .unauthenticated, "\(String(describing: seen))")
    }

    @Test func anotherNameIsRefusedUnlessItIsExpected() async throws {
        let server = try Certificates.server("other-name")
        let seen = try await error(server: server, client: Certificates.client())
        #expect(seen?.code == .unauthenticated, "\(String(describing: seen))")
        let named = try Certificates.client(serverName: "elsewhere.example")
        #expect(try await error(server: server, client: named) == nil)
    }

    @Test func aClientWithoutACertificateIsRefused() async throws {
        let seen = try await error(server: Certificates.server(mutual: true), client: Certificates.client())
        #expect(seen?.code == .unauthenticated)
    }

    @Test func aClientWithoutTLSIsNotServed() async throws {
        #expect(try await error(server: Certificates.server(), client: nil)?.code == .disconnected)
    }

    /// A peer that wants another protocol in TLS.
    @Test func withoutALPNTheConnectionEnds() async throws {
        try await TestService.run(GRPCOptions(port: 0, tls: try Certificates.server())) { service in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            configuration.applicationProtocols = ["http/1.1"]
            let context = try NIOSSLContext(configuration: configuration)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: "127.0.0.1", port: service.port).get()
            try await within(.seconds(10), "the end") { try? await channel.closeFuture.get() }
        }
    }

    @Test func optionsThatCannotWorkSaySo() throws {
        let broken = TLSOptions.server(certificate: .text("none"), privateKey: .text("none"))
        #expect(throws: TransportError.self) {
            try ClientProxy(.grpc(GRPCOptions(port: 1, tls: .client(certificateAuthority: .text("none")))))
        }
        #expect(!"\(broken)".contains("none"))
        for change in Self.mistakes {
            var options = GRPCOptions(port: 1)
            change(&options)
            #expect(throws: TransportError.self) { try ClientProxy(.grpc(options)) }
        }
    }

    private static let mistakes: [@Sendable (inout GRPCOptions) -> Void] = [
        { $0.host = "" }, { $0.port = 65_536 }, { $0.maxMessageBytes = 1 }, { $0.maxHeaderBytes = 10 },
        { $0.connections = 0 }, { $0.streamWindow = 0 }, { $0.maxConcurrentStreams = 0 },
        { $0.maxInFlightBytesPerConnection = 1 }, { $0.keepaliveInterval = .zero }, { $0.connectTimeout = .zero },
    ]
}

@Suite(.serialized) struct GRPCHealthTests {
    @Test func aServiceIsUpWhileItAnswers() async throws {
        let service = try await TestService.start()
        let health = try GRPCHealth("orders", port: service.port)
        #expect(health.name == "orders")
        #expect(try await health.check().state == .up)
        await service.stop()
        #expect(try await health.check().state == .down)
    }
}
