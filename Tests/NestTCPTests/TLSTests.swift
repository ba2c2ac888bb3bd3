import NestTCP
import NestTesting
import Testing

@Suite("TCP over TLS") struct TLSTests {
    private let certificates: Certificates

    init() throws { certificates = try Certificates.shared.get() }

    private func send(
        _ server: TLSOptions, _ client: TLSOptions, host: String = "127.0.0.1"
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

    @Test("callers of a server that was killed are disconnected, although it said no goodbye")
    func killedServer() async throws {
        try await TestService.run(TCPOptions(port: 0, tls: certificates.server())) { service in
            let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: service.port)))
            let port = try await proxy.start()
            var options = TCPOptions(port: port, tls: certificates.client())
            options.connections = 1
            let client = try ClientProxy(.tcp(options))
            let held = Task { () async throws -> Int in try await client.send("gate", 1) }
            try await service.gate.waitUntil(entered: 1)
            try await proxy.set(.cutAfter(bytes: 1, .toClient))
            let cut = await #expect(throws: TransportError.self) { let _: Int = try await client.send("echo", 1) }
            #expect(cut?.code == .disconnected)
            let error = await #expect(throws: TransportError.self) { _ = try await held.value }
            #expect(error?.code == .disconnected)
            await client.close()
            try await proxy.close()
        }
    }

    @Test("cancelling the run waits for no goodbye, and a shutdown for no handshake", arguments: [true, false])
    func endsAtOnce(cancels: Bool) async throws {
        let service = try await TestService.start(TCPOptions(port: 0, tls: certificates.server()))
        let run = Task { try await service.app.run() }
        let silent = try await RawPeer.connect(to: service.port)
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: service.port)))
        let client = try ClientProxy(.tcp(port: try await proxy.start(), tls: certificates.client()))
        if cancels {
            let _: Int = try await client.send("echo", 1)
            try await proxy.set(.halfOpen)
        }
        let start = ContinuousClock.now
        if cancels { run.cancel() } else { await service.app.close() }
        _ = await run.result
        #expect(ContinuousClock.now - start < .seconds(3))
        _ = try await silent.rest()
        await client.close()
        try await proxy.close()
    }

    @Test("uses certificates that were exchanged without a restart")
    func rotation() async throws {
        let files = try certificates.copy()
        try await TestService.run(TCPOptions(port: 0, tls: files.server())) { service in
            let named = files.client(serverName: "elsewhere.example")
            func call(_ tls: TLSOptions) async throws -> Int {
                try await service.withClient({ $0.tls = tls }) { try await $0.send("echo", 1) }
            }
            #expect(try await call(files.client()) == 1)
            let roaming = TCPOptions(port: service.port, tls: files.client(authority: "root"))
            try files.replace("root.pem", with: "other-ca.pem")
            let client = try ClientProxy(.tcp(roaming))
            await #expect(throws: TransportError.self) { let _: Int = try await client.send("echo", 1) }
            try files.replace("root.pem", with: "ca.pem")
            #expect(try await answer(of: client) == 2)
            await client.close()
            try files.replace("server.pem", with: "other-name.pem")
            #expect(try await call(files.client()) == 1)
            try files.replace("server.key", with: "other-name.key")
            #expect(try await call(named) == 1)
            await #expect(throws: TransportError.self) { _ = try await call(files.client()) }
        }
    }

    /// An attempt to connect that began before the files were exchanged may still fail: the next one uses the new ones.
    private func answer(of client: ClientProxy) async throws -> Int {
        let end = ContinuousClock.now + .seconds(10)
        var answer: Int?
        while answer == nil, .now < end { answer = try? await client.send("echo", 2) }
        return answer ?? 0
    }

    @Test("options never show a key")
    func redaction() {
        let options = TCPOptions(
            port: 1, tls: .server(certificate: .file("/a.pem"), privateKey: .text("-----BEGIN PRIVATE KEY-----")))
        var dumped = ""
        dump(options, to: &dumped)
        for text in ["\(options)", String(reflecting: options), dumped] {
            #expect(text.contains("text(***)") && !text.contains("BEGIN"))
        }
    }

    @Test("says what is wrong with certificates that cannot be used")
    func unusable() throws {
        let options = TCPOptions(port: 1, tls: .client(certificateAuthority: .file("/nonexistent.pem")))
        let error = #expect(throws: TransportError.self) { _ = try ClientProxy(.tcp(options)) }
        #expect(error?.code == .invalidConfiguration)
    }
}
