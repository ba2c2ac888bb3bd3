import NIOCore
import NestTesting
import Testing

@testable import NestTCP

@Suite("TCP health", .timeLimit(.minutes(1))) struct TCPHealthTests {
    @Test("is up while the service can be reached, down when it is gone, and up again when it is back")
    func outage() async throws {
        let service = try await TestService.start()
        let health = try TCPHealth("orders", port: service.port)
        #expect(health.name == "orders")
        let up = try await health.check()
        #expect(up.state == .up && up.details["connections"] == "1/1")
        await service.app.close()
        while try await health.check().state != .down { await Task.yield() }
        let again = try await TestService.start(TCPOptions(port: service.port))
        while try await health.check().state != .up { await Task.yield() }
        await again.app.close()
    }

    @Test("says why a service cannot be reached")
    func refused() async throws {
        let service = try await TestService.start()
        await service.app.close()
        let status = try await TCPHealth("orders", port: service.port).check()
        #expect(status.state == .down)
        #expect(status.details["error"]?.hasPrefix("disconnected: ") == true)
        #expect(status.details["address"] == "127.0.0.1:\(service.port)")
    }

    @Test("reads the connections of a client that is there anyway")
    func client() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                let status = try await TCPHealth("orders", client).check()
                #expect(status.state == .up || status.state == .degraded)
                #expect(status.details["address"] == "127.0.0.1:\(service.port)")
            }
        }
    }

    @Test("is down when the service keeps its connections and answers nothing, and up when it goes on")
    func hanging() async throws {
        try await TestService.run { service in
            let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: service.port)))
            let port = try await proxy.start()
            var options = TCPOptions(port: port)
            options.connections = 1
            let client = try ClientProxy(.tcp(options), timeout: .milliseconds(100))
            let health = TCPHealth("orders", client)
            #expect(try await health.check().state == .up)
            try await proxy.set(.halfOpen)
            let status = try await health.check()
            #expect(status.state == .down && status.details["error"]?.hasPrefix("timeout: ") == true)
            #expect(try await TCPHealth("orders", client, probes: false).check().state == .up)
            try await proxy.set(.pass)
            while try await health.check().state != .up { await Task.yield() }
            await client.close()
            try await proxy.close()
        }
    }

    @Test("refuses options that cannot work")
    func options() {
        #expect(throws: TransportError.self) { try TCPHealth("orders", port: 70_000) }
    }
}
