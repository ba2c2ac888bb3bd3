import NestGRPC
import NestTesting
import Testing

/// A client, and servers that do what they should not.
@Suite(.serialized) struct ClientTests {
    private func withServer(
        greeting: [UInt8]? = nil, _ body: (RawServer, ClientProxy) async throws -> Void
    ) async throws {
        let server =
            if let greeting { try await RawServer.start(greeting: greeting) } else { try await RawServer.start() }
        var options = GRPCOptions(port: server.port)
        options.reconnectDelay = .milliseconds(5)
        options.connectTimeout = .milliseconds(500)
        try await TestService.withClient(of: options) { try await body(server, $0) }
        try await server.stop()
    }

    /// A call that the server answers as it likes.
    private func reply(
        _ client: ClientProxy, _ server: RawServer, _ answer: (RawHTTP2, UInt32) async throws -> Void
    ) async throws -> Result<Int, TransportError> {
        let call = Task { () async -> Result<Int, TransportError> in
            do throws(TransportError) {
                return .success(try await client.send("echo", 1))
            } catch {
                return .failure(error)
            }
        }
        let peer = try await server.peer(0)
        try await answer(peer, try await peer.call())
        return await call.value
    }

    private func code(
        _ answer: (RawHTTP2, UInt32) async throws -> Void
    ) async throws -> TransportError.Code? {
        let code = Watched<TransportError.Code?>(nil)
        try await withServer { server, client in
            let result = try await reply(client, server, answer)
            if case .failure(let error) = result { code.update { $0 = error.code } }
        }
        return code.value
    }

    @Test func anAnswerFrameByFrame() async throws {
        try await withServer { server, client in
            let result = try await reply(client, server) { try await $0.answer($1, RawHTTP2.one) }
            #expect(try result.get() == 1)
        }
    }

    @Test func answersThatAreNoneAreErrors() async throws {
        #expect(try await code { try await $0.answer($1, RawHTTP2.one, flag: 1) } == .invalidMessage)
        #expect(try await code { try await $0.answer($1, [0x0a, 9]) } == .invalidMessage)
        #expect(try await code { try await $0.answer($1, [0x08, 1, 0x12, 1, 0x7b]) } == .invalidMessage)
        #expect(
            try await code { try await $0.answer($1, RawHTTP2.one, status: [("grpc-status", "14")]) } == .disconnected)
        #expect(try await code { try await $0.answer($1, RawHTTP2.one, status: [("grpc-status", "x")]) } == .internal)
        #expect(try await code { try await $0.answer($1, RawHTTP2.one, status: [("x", "y")]) } == .internal)
    }

    @Test func resetsAndPlainHTTPAreErrors() async throws {
        let reset = { (code: UInt32) in
            { (peer: RawHTTP2, stream: UInt32) async throws in
                try await peer.write(.init(type: 3, stream: stream, payload: RawHTTP2.number(code)))
            }
        }
        #expect(try await code(reset(8)) == .cancelled)
        #expect(try await code(reset(2)) == .internal)
        #expect(try await code(reset(11)) == .overloaded)
        for (status, expected) in [("503", TransportError.Code.disconnected), ("404", .unsupported)] {
            let seen = try await code { peer, stream in
                try await peer.write(
                    .init(type: 1, flags: 5, stream: stream, payload: RawHTTP2.fields([(":status", status)])))
            }
            #expect(seen == expected)
        }
    }

    /// Calls that the server says it has not begun are made again, and nobody hears of it.
    @Test func aCallThatWasNotBegunIsMadeElsewhere() async throws {
        try await withServer { server, client in
            async let reply: Int = client.send("echo", 1)
            let first = try await server.peer(0)
            _ = try await first.call()
            try await first.write(
                .init(type: 7, payload: RawHTTP2.number(0) + RawHTTP2.number(0)))
            let second = try await server.peer(1)
            try await second.answer(try await second.call(), RawHTTP2.one)
            #expect(try await reply == 1)
            try await first.eventually("the first connection's end") { $0.isClosed }
        }
    }

    @Test func aRefusedCallIsMadeAgain() async throws {
        try await withServer { server, client in
            async let reply: Int = client.send("echo", 1)
            let peer = try await server.peer(0)
            let stream = try await peer.call()
            try await peer.write(.init(type: 3, stream: stream, payload: RawHTTP2.number(7)))
            try await peer.answer(try await peer.call(after: stream), RawHTTP2.one)
            #expect(try await reply == 1)
        }
    }

    @Test func aCallThatIsRefusedAgainAndAgainFails() async throws {
        try await withServer { server, client in
            let call = Task { () async -> TransportError? in
                await failure { () throws(TransportError) in try await client.send("echo", 1) }
            }
            let peer = try await server.peer(0)
            var stream: UInt32 = 0
            for _ in 0..<3 {
                stream = try await peer.call(after: stream)
                try await peer.write(.init(type: 3, stream: stream, payload: RawHTTP2.number(7)))
            }
            #expect(await call.value?.code == .disconnected)
        }
    }

    /// No more calls at once than the server has said; the others wait for theirs to come.
    @Test func theServersLimitIsKept() async throws {
        try await withServer(greeting: RawHTTP2.bytes(RawHTTP2.settings([(3, 2)]))) { server, client in
            let calls = (0..<4).map { _ in Task { () async throws -> Int in try await client.send("echo", 1) } }
            let peer = try await server.peer(0)
            let two = try await peer.eventually("two calls") { seen in seen.frames.count { $0.type == 1 } == 2 }
            for stream in Set(two.frames.filter { $0.type == 1 }.map(\.stream)) {
                try await peer.answer(stream, RawHTTP2.one)
            }
            let four = try await peer.eventually("four calls") { seen in seen.frames.count { $0.type == 1 } == 4 }
            for stream in four.frames.filter({ $0.type == 1 }).map(\.stream).suffix(2) {
                try await peer.answer(stream, RawHTTP2.one)
            }
            for call in calls { #expect(try await call.value == 1) }
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "{\"ok\":false}\n"])
    func aServerThatSpeaksSomethingElseIsAnError(_ greeting: String) async throws {
        try await withServer(greeting: Array(greeting.utf8) + [UInt8](repeating: 0, count: 64)) { _, client in
            let error = await failure { () throws(TransportError) in
                try await client.send("echo", 1, options: .timeout(.seconds(2)))
            }
            #expect(error?.code == .disconnected)
        }
    }

    @Test func aServerThatSaysNothingIsAnError() async throws {
        try await withServer(greeting: []) { _, client in
            let error = await failure { () throws(TransportError) in try await client.connect() }
            #expect(error?.code == .disconnected)
            #expect(error?.message.contains("no answer") == true)
        }
    }

    /// More than anybody may send is not kept.
    @Test func anAnswerWithoutEndIsGivenUp() async throws {
        let seen = try await code { peer, stream in
            let headers = RawHTTP2.fields([(":status", "200"), ("content-type", "application/grpc")])
            try await peer.write(
                .init(type: 1, flags: 4, stream: stream, payload: headers),
                .init(type: 0, stream: stream, payload: [0, 0xff, 0xff, 0xff, 0xff]))
            try await peer.eventually("a reset") { $0.reset(stream) == 8 }
        }
        #expect(seen == .tooLarge)
    }
}
