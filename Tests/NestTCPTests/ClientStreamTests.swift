import NIOCore
import NestTCP
import Testing

@Suite("TCP client: streams") struct ClientStreamTests {
    @Test("gives every item in order, however small the window", arguments: [1, 3, 64])
    func items(window: Int) async throws {
        try await TestService.run { service in
            try await service.withClient({ $0.streamWindow = window }) { client in
                var seen: [Int] = []
                for try await number in try await client.stream("count", 1_000, of: Int.self) { seen.append(number) }
                #expect(seen == Array(0..<1_000))
            }
        }
    }

    @Test("throws what the sequence throws, after its items")
    func failure() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                var seen: [Int] = []
                let error = await #expect(throws: TransportError.self) {
                    for try await number in try await client.stream("broken", 0, of: Int.self) { seen.append(number) }
                }
                #expect(seen == [1])
                #expect(error == TransportError(.rejected, "enough"))
            }
        }
    }

    @Test("leaving the loop stops the sequence on the other side")
    func leaving() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                for try await _ in try await client.stream("endless", 0, of: Int.self) { break }
                try await service.gate.waitUntil(events: 1)
                #expect(service.gate.events == ["terminated"])
            }
        }
    }

    @Test("an item that does not come in time ends the stream on both sides")
    func itemTimeout() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                try await client.connect()
                let error = await #expect(throws: TransportError.self) {
                    let stream = try await client.stream(
                        "endless", 0, of: Int.self, options: .timeout(.milliseconds(500)))
                    for try await _ in stream {}
                }
                #expect(error?.code == .timeout)
                try await service.gate.waitUntil(events: 1)
            }
        }
    }

    @Test("a single reply is a stream of one")
    func single() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                var seen: [Int] = []
                for try await number in try await client.stream("echo", 7, of: Int.self) { seen.append(number) }
                #expect(seen == [7])
            }
        }
    }

    @Test("sends credit and cancel only after an item has come, and ends with the connection")
    func politeness() async throws {
        let server = try await ScriptedServer()
        var options = TCPOptions(port: server.port)
        options.connections = 1
        options.streamWindow = 2
        let client = try ClientProxy(.tcp(options))
        let reader = Task {
            var seen: [Int] = []
            do {
                for try await number in try await client.stream("a", 0, of: Int.self) { seen.append(number) }
                return (seen, TransportError.Code?.none)
            } catch {
                return (seen, (error as? TransportError)?.code)
            }
        }
        let peer = try await server.accept()
        let request = try await peer.line()
        #expect(request.contains(#""nest-stream":"2""#))
        let id = String(request.dropFirst(7).prefix { $0 != "\"" })
        try await peer.write(#"{"id":"\#(id)","ok":true,"payload":1,"more":true}"# + "\n")
        #expect(try await peer.line() == #"{"id":"\#(id)","kind":"credit","count":1}"#)
        try await peer.reset()
        let (seen, code) = await reader.value
        #expect(seen == [1])
        #expect(code == .disconnected)
        await client.close()
        try await server.close()
    }
}
