import NIOCore
import NIOPosix
import NestTCP
import Testing

@Suite("TCP server: start and end") struct ServerLifecycleTests {
    @Test("says where it listens, and that it is up")
    func endpoint() async throws {
        try await TestService.run { service in
            #expect(service.port > 0)
            #expect(service.app.endpoints.map(\.description) == ["tcp://127.0.0.1:\(service.port)"])
            let health = await service.app.health()
            #expect(health["tcp"]?.state == .up)
        }
    }

    @Test("says which port is in use")
    func portInUse() async throws {
        try await TestService.run { service in
            let error = await #expect(throws: TransportError.self) {
                _ = try await TestService.start(TCPOptions(port: service.port))
            }
            #expect(error?.code == .addressInUse)
            #expect(error?.message.contains("port \(service.port) is in use") == true)
        }
    }

    @Test("shutdown answers what was taken and loses nothing", arguments: ["gate", "echo.async"])
    func drain(pattern: String) async throws {
        let service = try await TestService.start()
        let peer = try await RawPeer.connect(to: service.port)
        try await peer.write((0..<50).map { line($0, pattern, "\($0)") }.joined() + line(50, "echo", "50"))
        #expect(try await peer.line().hasPrefix(#"{"id":""#))
        if pattern == "gate" { try await service.gate.waitUntil(entered: 50) }
        async let closed: Void = service.app.close()
        service.gate.open()
        let answers = try await peer.rest().split(separator: "\n")
        #expect(answers.count == 50)
        await closed
        await #expect(throws: (any Error).self) { _ = try await RawPeer.connect(to: service.port) }
    }

    @Test("shutdown serves what lay in the socket when it began")
    func drainUnread() async throws {
        var options = TCPOptions(port: 0)
        options.maxInFlightPerConnection = 1
        // One loop, so that its connections hear of the shutdown in the same turn.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let service = try await TestService.start(options, group: group)
        let peer = try await RawPeer.connect(to: service.port)
        let witness = try await RawPeer.connect(to: service.port)
        try await witness.write(line(1, "echo", "1"))
        _ = try await witness.line()
        try await peer.write(line(1, "gate", "1"))
        try await service.gate.waitUntil(entered: 1)
        let events = (0..<3).map { line($0, "note", #""\#($0)""#, kind: "emit") }
        try await peer.write(events.joined() + line(2, "echo", "2"))
        async let closed: Void = service.app.close()
        _ = try await witness.rest()
        service.gate.open()
        #expect(try await peer.rest().hasSuffix(#"{"id":"2","ok":true,"payload":2}"# + "\n"))
        await closed
        #expect(service.gate.events == ["0", "1", "2"])
        try await group.shutdownGracefully()
    }

    @Test("shutdown finishes open streams")
    func drainStreams() async throws {
        let service = try await TestService.start()
        let peer = try await RawPeer.connect(to: service.port)
        try await peer.write(line(1, "count", "3", headers: #""nest-stream":"1""#))
        _ = try await peer.line()
        async let closed: Void = service.app.close()
        try await peer.write(#"{"id":"1","kind":"credit","count":9}"# + "\n")
        let end = try await peer.rest()
        #expect(end.hasSuffix(#"{"id":"1","ok":true}"# + "\n"))
        await closed
    }

    @Test("shutdown cancels handlers that take too long")
    func shutdownTimeout() async throws {
        let service = try await TestService.start(shutdownTimeout: .milliseconds(50))
        let peer = try await RawPeer.connect(to: service.port)
        try await peer.write(line(1, "gate", "1"))
        try await service.gate.waitUntil(entered: 1)
        await service.app.close()
        try await service.gate.waitUntil(cancelled: 1)
        #expect(try await peer.rest().contains(#""code":"cancelled""#))
    }

    @Test("cancelling the run closes now")
    func cancelled() async throws {
        let service = try await TestService.start()
        let run = Task { try await service.app.run() }
        let peer = try await RawPeer.connect(to: service.port)
        try await peer.write(line(1, "gate", "1"))
        try await service.gate.waitUntil(entered: 1)
        run.cancel()
        _ = try await peer.rest()
        try await service.gate.waitUntil(cancelled: 1)
        _ = await run.result
    }

    @Test("listens on a Unix socket, over a stale file, and removes it at the end")
    func unixSocket() async throws {
        let path = Folder.temporary("nest.sock")
        let stale = try StaleSocket(path: path)
        let busy = await #expect(throws: TransportError.self) {
            _ = try await TestService.start(TCPOptions(address: .unixSocket(path)))
        }
        #expect(busy?.code == .addressInUse)
        #expect(busy?.message.contains("in use") == true)
        stale.close()
        #expect(Folder.exists(path))
        try await TestService.run(TCPOptions(address: .unixSocket(path))) { service in
            #expect(service.app.endpoints.map(\.description) == ["tcp+unix:\(path)"])
            let peer = try await RawPeer.connect(toSocket: path)
            try await peer.write(line(1, "echo", "1"))
            #expect(try await peer.line() == #"{"id":"1","ok":true,"payload":1}"#)
            try await peer.close()
            let client = try ClientProxy(.tcp(TCPOptions(address: .unixSocket(path))))
            let reply: Int = try await client.send("echo", 5)
            #expect(reply == 5)
            await client.close()
        }
        #expect(!Folder.exists(path))
    }
}
