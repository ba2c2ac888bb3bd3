import NestTCP
import Testing

@Suite("TCP over TLS") struct TLSTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates.shared.get() }

    private func send(
        _ server: TCPTLSOptions, _ client: TCPTLSOptions, host: String = "127.0.0.1"
    ) async throws -> Int {
        try await TestService.run(TCPOptions(port: 0, tls: server)) { service in
            let proxy = try ClientProxy(.tcp(host: host, port: service.port, tls: client))
            do {
                let replies: [Int] = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<50 { group.addTask { try await proxy.send("echo.async", number) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                await proxy.close()
                return replies.reduce(0, +)
            } catch {
                await proxy.close()
                throw error
            }
        }
    }

    @Test("carries calls, to a name and to an address", arguments: ["localhost", "127.0.0.1"])
    func plain(host: String) async throws {
        #expect(try await send(certificates.server(), certificates.client(), host: host) == 1_225)
    }

    @Test("carries a stream and large messages")
    func large() async throws {
        try await TestService.run(TCPOptions(port: 0, tls: certificates.server())) { service in
            try await service.withClient({ $0.tls = certificates.client() }) { client in
                let text = String(repeating: "x", count: 300 << 10)
                let reply: String = try await client.send("echo", text)
                #expect(reply == text)
                var count = 0
                for try await _ in try await client.stream("count", 500, of: Int.self) { count += 1 }
                #expect(count == 500)
            }
        }
    }

    @Test("refuses a server whose authority is another")
    func wrongAuthority() async throws {
        let error = await #expect(throws: TransportError.self) {
            try await send(certificates.server(), certificates.client(authority: "other-ca"))
        }
        #expect(error?.code == .unauthenticated)
    }

    @Test("refuses a server with another name, unless that name is expected", arguments: ["localhost", "127.0.0.1"])
    func wrongName(host: String) async throws {
        let server = certificates.server("other-name")
        let error = await #expect(throws: TransportError.self) {
            try await send(server, certificates.client(), host: host)
        }
        #expect(error?.code == .unauthenticated)
        let named = certificates.client(serverName: "elsewhere.example")
        #expect(try await send(server, named, host: host) == 1_225)
    }

    @Test("mutual TLS takes a client of ours and no other")
    func mutual() async throws {
        let server = certificates.server(mutual: true)
        #expect(try await send(server, certificates.client(identified: true)) == 1_225)
        let error = await #expect(throws: TransportError.self) { try await send(server, certificates.client()) }
        #expect(error?.code == .unauthenticated || error?.code == .disconnected)
    }

    @Test("a client without TLS is cut and the server goes on")
    func plainClient() async throws {
        try await TestService.run(TCPOptions(port: 0, tls: certificates.server())) { service in
            let peer = try await RawPeer.connect(to: service.port)
            try await peer.write(line(1, "echo", "1"))
            #expect(!(try await peer.rest()).contains("payload"))
            try await service.withClient({ $0.tls = certificates.client() }) { client in
                let reply: Int = try await client.send("echo", 1)
                #expect(reply == 1)
            }
        }
    }

    @Test("cuts a peer that does not finish the handshake in time")
    func handshakeTimeout() async throws {
        var options = TCPOptions(port: 0, tls: certificates.server())
        options.readTimeout = .milliseconds(100)
        try await TestService.run(options) { service in
            let peer = try await RawPeer.connect(to: service.port)
            #expect(try await peer.rest() == "")
        }
    }

    @Test("shutdown sends the last answers")
    func drain() async throws {
        let service = try await TestService.start(TCPOptions(port: 0, tls: certificates.server()))
        let client = try ClientProxy(.tcp(port: service.port, tls: certificates.client()))
        async let call: Int = client.send("gate", 1)
        try await service.gate.waitUntil(entered: 1)
        async let closed: Void = service.app.close()
        service.gate.open()
        #expect(try await call == 1)
        await closed
        await client.close()
    }

    @Test("says what is wrong with certificates that cannot be used")
    func unusable() throws {
        let options = TCPOptions(port: 1, tls: .client(certificateAuthority: .file("/nonexistent.pem")))
        let error = #expect(throws: TransportError.self) { _ = try ClientProxy(.tcp(options)) }
        #expect(error?.code == .invalidConfiguration)
    }
}
