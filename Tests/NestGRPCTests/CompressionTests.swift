import NIOCore
import NestTesting
import Testing

@testable import NestGRPC

/// Compressed messages as they are on the wire, from both sides.
@Suite(.serialized) struct CompressionTests {
    private static let named = [("grpc-encoding", "gzip")]
    private static let accepting = [("grpc-accept-encoding", "identity,gzip")]

    private static func compressed(_ body: [UInt8]) throws -> [UInt8] {
        let bytes = try #require(body.withUnsafeBytes { Gzip().deflated($0) })
        return Array(bytes.readableBytesView)
    }

    /// A request as one gRPC message with a flag of its own, in frames that are not too large.
    private static func frames(_ stream: UInt32, _ message: [UInt8], flag: UInt8 = 1) -> [RawHTTP2.Frame] {
        var rest = ([flag] + RawHTTP2.number(UInt32(message.count)) + message)[...]
        var frames: [RawHTTP2.Frame] = []
        repeat {
            let part = rest.prefix(16_000)
            rest = rest.dropFirst(part.count)
            frames.append(.init(type: 0, flags: rest.isEmpty ? 1 : 0, stream: stream, payload: Array(part)))
        } while !rest.isEmpty
        return frames
    }

    private static func request(_ pattern: String, _ size: Int) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeField(1, pattern)
        buffer.writeField(2, "\"\(String(repeating: "x", count: size))\"")
        return Array(buffer.readableBytesView)
    }

    /// What a server says to calls with these messages; all of them are well afterwards.
    private func statuses(
        _ messages: [[UInt8]], fields: [(String, String)] = named, flag: UInt8 = 1,
        _ options: GRPCOptions = GRPCOptions(port: 0)
    ) async throws -> [String?] {
        try await TestService.run(options) { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            let streams = messages.indices.map { UInt32($0 * 2 + 1) }
            for (stream, message) in zip(streams, messages) {
                try await peer.write([RawHTTP2.call(stream, fields)] + Self.frames(stream, message, flag: flag))
            }
            let seen = try await peer.eventually("the answers") { seen in streams.allSatisfy { seen.hasEnded($0) } }
            try await service.withClient { client in
                let echo: Int = try await client.send("echo", 1)
                #expect(echo == 1)
            }
            try await peer.close()
            return streams.map { seen.headers[$0]?["grpc-status"] }
        }
    }

    @Test func aCompressedRequestIsServed() async throws {
        #expect(try await statuses([try Self.compressed(Self.request("echo", 50_000))]) == ["0"])
    }

    @Test func whatCannotBeInflatedIsRefused() async throws {
        let whole = try Self.compressed(Self.request("echo", 1_000))
        var corrupt = whole
        corrupt[whole.count / 2] ^= 0x55
        let truncated = Array(whole.dropLast(9))
        #expect(try await statuses([truncated, corrupt, [], Array("plain".utf8)]) == ["3", "3", "3", "3"])
        // A message that says it is compressed, in a call that does not say how; and one that says neither.
        #expect(try await statuses([whole], fields: []) == ["13"])
        #expect(try await statuses([whole], fields: [("grpc-encoding", "identity")]) == ["13"])
        #expect(try await statuses([whole], flag: 2) == ["3"])
        #expect(try await statuses([try Self.compressed(Array(repeating: 7, count: 500))]) == ["3"])
    }

    @Test func anUnknownEncodingIsRefusedWithTheKnownOnes() async throws {
        try await TestService.run { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(RawHTTP2.call(1, [("grpc-encoding", "br")]))
            let seen = try await peer.eventually("the status") { $0.hasEnded(1) }
            #expect(seen.headers[1]?["grpc-status"] == "12")
            #expect(seen.headers[1]?["grpc-accept-encoding"] == "identity,gzip")
            try await peer.close()
        }
    }

    /// Each is 64 MiB in 64 KiB: it is given up at the limit, and what it took is free again.
    @Test func bombsAreRefused() async throws {
        let bomb = try Self.compressed(Self.request("echo", 64 << 20))
        #expect(bomb.count < 100_000)
        var options = GRPCOptions(port: 0)
        options.maxMessageBytes = 128 << 10
        options.maxInFlightBytesPerConnection = 1 << 20
        #expect(Set(try await statuses(Array(repeating: bomb, count: 100), options)) == ["8"])
    }

    /// Each of them is allowed by itself; what they come to together is not.
    @Test func inflatedRequestsAreBounded() async throws {
        var options = GRPCOptions(port: 0)
        options.maxInFlightBytesPerConnection = 4 << 20
        try await TestService.run(options) { service in
            // With room for all answers.
            let peer = try await RawHTTP2.connect(to: service.port, settings: [(4, 2 << 20)])
            try await peer.write(.init(type: 8, payload: RawHTTP2.number(64 << 20)))
            let message = try Self.compressed(Self.request("hold", 1 << 20))
            let streams = (0..<20).map { UInt32($0 * 2 + 1) }
            let calls = { (streams: [UInt32]) in
                streams.flatMap { [RawHTTP2.call($0, Self.named)] + Self.frames($0, message) }
            }
            try await peer.write(calls(streams))
            let seen = try await peer.eventually("refusals") { seen in streams.count { seen.hasEnded($0) } >= 17 }
            #expect(streams.filter { seen.hasEnded($0) }.allSatisfy { seen.headers[$0]?["grpc-status"] == "8" })
            try await service.probe.gate.eventuallyHolds(3)
            service.probe.gate.open()
            try await peer.eventually("the answers") { seen in streams.allSatisfy { seen.hasEnded($0) } }
            // Their bytes are free again.
            let next = (20..<23).map { UInt32($0 * 2 + 1) }
            try await peer.write(calls(next))
            let after = try await peer.eventually("more answers") { seen in next.allSatisfy { seen.hasEnded($0) } }
            #expect(next.allSatisfy { after.headers[$0]?["grpc-status"] == "0" })
            try await peer.close()
        }
    }

    // MARK: Answers of a server

    /// The first byte of the answer's message, and the headers.
    private func answer(
        _ compression: GRPCOptions.Compression, _ fields: [(String, String)], size: Int = 10_000
    ) async throws -> (flag: UInt8?, bytes: Int, headers: [String: String]) {
        var options = GRPCOptions(port: 0)
        options.compression = compression
        return try await TestService.run(options) { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(RawHTTP2.call(1, fields), RawHTTP2.request(1, "big", "\(size)"))
            let seen = try await peer.eventually("the answer") { $0.hasEnded(1) }
            let data = seen.frames.filter { $0.type == 0 }.flatMap(\.payload)
            try await peer.close()
            return (data.first, data.count, seen.headers[1] ?? [:])
        }
    }

    @Test func answersAreCompressedForThoseWhoTakeIt() async throws {
        let answer = try await answer(.gzip, Self.accepting)
        #expect(answer.flag == 1)
        #expect(answer.bytes < 1_000)
        #expect(answer.headers["grpc-encoding"] == "gzip")
        #expect(answer.headers["grpc-accept-encoding"] == "identity,gzip")
        #expect(answer.headers["grpc-status"] == "0")
    }

    @Test func otherAnswersAreNot() async throws {
        for (compression, fields) in [(.none, Self.accepting), (.gzip, []), (.gzip, [("grpc-accept-encoding", "br")])]
            as [(GRPCOptions.Compression, [(String, String)])]
        {
            let answer = try await answer(compression, fields)
            #expect(answer.flag == 0)
            #expect(answer.bytes > 10_000)
            #expect(answer.headers["grpc-encoding"] == nil)
            #expect((answer.headers["grpc-accept-encoding"] == nil) == fields.isEmpty)
        }
        #expect(try await answer(.gzip, Self.accepting, size: 100).flag == 0)
    }

    // MARK: A client

    private func withServer(
        _ compression: GRPCOptions.Compression = .gzip, _ body: (RawServer, ClientProxy) async throws -> Void
    ) async throws {
        let server = try await RawServer.start()
        var options = GRPCOptions(port: server.port)
        options.compression = compression
        try await TestService.withClient(of: options) { try await body(server, $0) }
        try await server.stop()
    }

    private func sizeOfCall(
        _ client: ClientProxy, _ peer: () async throws -> RawHTTP2, after stream: UInt32, _ accepted: String?
    ) async throws -> (stream: UInt32, flag: UInt8?, headers: [String: String]) {
        async let reply: Int = client.send("echo", String(repeating: "x", count: 10_000))
        let peer = try await peer()
        let call = try await peer.call(after: stream)
        try await peer.answer(call, RawHTTP2.one, headers: accepted.map { [("grpc-accept-encoding", $0)] } ?? [])
        #expect(try await reply == 1)
        let seen = peer.seen.value
        return (call, seen.frames.first { $0.type == 0 && $0.stream == call }?.payload.first, seen.headers[call] ?? [:])
    }

    /// Not before the server has said that it takes it, and not after it has said that it does not.
    @Test func requestsAreCompressedForAServerThatTakesIt() async throws {
        try await withServer { server, client in
            let peer = { try await server.peer(0) }
            let first = try await sizeOfCall(client, peer, after: 0, "identity, deflate, gzip")
            #expect(first.flag == 0)
            #expect(first.headers["grpc-encoding"] == nil)
            #expect(first.headers["grpc-accept-encoding"] == "identity,gzip")
            let second = try await sizeOfCall(client, peer, after: first.stream, "identity")
            #expect(second.flag == 1)
            #expect(second.headers["grpc-encoding"] == "gzip")
            let third = try await sizeOfCall(client, peer, after: second.stream, nil)
            #expect(third.flag == 0)
        }
    }

    @Test func aClientThatDoesNotCompressSaysNothingOfIt() async throws {
        try await withServer(.none) { server, client in
            let peer = { try await server.peer(0) }
            let first = try await sizeOfCall(client, peer, after: 0, "gzip")
            #expect(first.headers["grpc-accept-encoding"] == nil)
            #expect(try await sizeOfCall(client, peer, after: first.stream, nil).flag == 0)
        }
    }

    private func reply(
        _ message: [UInt8], _ headers: [(String, String)] = named
    ) async throws -> Result<String, TransportError> {
        let result = Watched<Result<String, TransportError>?>(nil)
        try await withServer(.none) { server, client in
            let call = Task { () async -> Result<String, TransportError> in
                do throws(TransportError) {
                    return .success(try await client.send("echo", 1))
                } catch {
                    return .failure(error)
                }
            }
            let peer = try await server.peer(0)
            try await peer.answer(try await peer.call(), message, flag: 1, headers: headers)
            let reply = await call.value
            result.update { $0 = reply }
        }
        return try #require(result.value)
    }

    private static func response(_ size: Int) throws -> [UInt8] {
        var buffer = ByteBuffer()
        Array("\"\(String(repeating: "x", count: size))\"".utf8).withUnsafeBytes { NestResponse.write($0, to: &buffer) }
        return try compressed(Array(buffer.readableBytesView.dropFirst(GRPCMessageFrame.prefixLength)))
    }

    @Test func compressedAnswersAreReadEvenIfNobodyAskedForThem() async throws {
        #expect(try await reply(try Self.response(3_000)).get().utf8.count == 3_000)
    }

    @Test func answersThatCannotBeInflatedAreErrors() async throws {
        func code(_ message: [UInt8], _ headers: [(String, String)] = Self.named) async throws -> TransportError.Code? {
            if case .failure(let error) = try await reply(message, headers) { error.code } else { nil }
        }
        let whole = try Self.response(3_000)
        #expect(try await code(Array(whole.dropLast(3))) == .invalidMessage)
        #expect(try await code(Array("plain".utf8)) == .invalidMessage)
        #expect(try await code(whole, []) == .invalidMessage)
        #expect(try await code(whole, [("grpc-encoding", "br")]) == .internal)
        let bomb = try Self.response(8 << 20)
        #expect(bomb.count < 16_000)
        #expect(try await code(bomb) == .tooLarge)
    }

    // MARK: Both

    /// With several connections too, and streams of items.
    @Test(arguments: [1, 3]) func bothSidesOfOurs(_ connections: Int) async throws {
        var options = GRPCOptions(port: 0)
        options.compression = .gzip
        try await TestService.run(options) { service in
            let change = { (options: inout GRPCOptions) in
                options.compression = .gzip
                options.connections = connections
            }
            try await service.withClient(change) { client in
                for size in [0, 1_000, 2_000, 100_000, 3 << 20] {
                    let text = String(repeating: "ab", count: size / 2)
                    for _ in 0..<4 { #expect(try await client.send("echo", text) as String == text) }
                }
                var count = 0
                for try await text in try await client.stream("texts", 20_000, of: String.self) {
                    #expect(text.utf8.count == 20_000)
                    count += 1
                    if count == 500 { break }
                }
                let error = await failure { () throws(TransportError) in try await client.send("big", 5 << 20) }
                #expect(error?.code == .tooLarge)
            }
        }
    }
}
