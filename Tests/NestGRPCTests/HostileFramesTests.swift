import NestGRPC
import NestTesting
import Testing

/// Peers that break HTTP/2, or strain it: the connection ends as RFC 9113 says, and the server serves all others.
@Suite(.serialized) struct HostileFramesTests {
    private typealias Frame = RawHTTP2.Frame

    private enum Code {
        static let protocolError: UInt32 = 1
        static let flowControlError: UInt32 = 3
        static let streamClosed: UInt32 = 5
        static let frameSizeError: UInt32 = 6
        static let enhanceYourCalm: UInt32 = 11
    }

    /// A server, a peer that does something to it, and a caller that is served afterwards.
    private func withPeer(
        _ options: GRPCOptions = GRPCOptions(port: 0), settings: [(UInt16, UInt32)]? = [],
        _ body: (RawHTTP2, TestService) async throws -> Void
    ) async throws {
        try await TestService.run(options) { service in
            let peer = try await RawHTTP2.connect(to: service.port, settings: settings)
            try await body(peer, service)
            try await service.withClient { client in
                let echo: Int = try await client.send("echo", 1)
                #expect(echo == 1)
            }
            try await peer.close()
        }
    }

    @Test func aCallWorksFrameByFrame() async throws {
        try await withPeer { peer, _ in
            try await peer.write(RawHTTP2.call(1), RawHTTP2.request(1, "echo", "[1]"))
            let seen = try await peer.eventually("the answer") { $0.hasEnded(1) }
            let body = seen.frames.first(where: { $0.type == 0 })?.payload
            #expect(body == [0, 0, 0, 0, 7, 0x08, 1, 0x12, 3] + Array("[1]".utf8))
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "{\"id\":\"1\"}\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"])
    func aBadPrefaceEndsTheConnection(_ text: String) async throws {
        try await withPeer(settings: nil) { peer, _ in
            try await peer.write(Array(text.utf8) + [UInt8](repeating: 0, count: 64))
            try await peer.eventually("the end") { $0.isClosed }
        }
    }

    @Test func silenceEndsTheConnection() async throws {
        var options = GRPCOptions(port: 0)
        options.handshakeTimeout = .milliseconds(100)
        try await withPeer(options, settings: nil) { peer, _ in
            try await peer.eventually("the end") { $0.isClosed }
        }
    }

    /// More than the limit of header lists, and less than what the library takes at all: the call alone is reset.
    @Test func oversizedHeadersResetTheCall() async throws {
        try await withPeer { peer, _ in
            let fields = RawHTTP2.fields(
                RawHTTP2.callFields + (0..<4).map { ("x-\($0)", String(repeating: "x", count: 6_000)) })
            try await peer.write(
                Frame(type: 1, flags: 1, stream: 1, payload: Array(fields[..<16_000])),
                Frame(type: 9, flags: 4, stream: 1, payload: Array(fields[16_000...])))
            try await peer.eventually("a reset") { $0.reset(1) != nil }
            try await peer.write(RawHTTP2.call(3), RawHTTP2.request(3, "echo", "1"))
            try await peer.eventually("the next answer") { $0.hasEnded(3) }
        }
    }

    @Test func aFloodOfContinuationsEndsTheConnection() async throws {
        try await withPeer { peer, _ in
            let start = Frame(type: 1, flags: 1, stream: 1, payload: RawHTTP2.fields(RawHTTP2.callFields))
            let more = Frame(type: 9, stream: 1, payload: RawHTTP2.fields([("x", "y")]))
            try await peer.write([start] + [Frame](repeating: more, count: 20_000))
            try await peer.eventually("the end") { $0.isClosed }
        }
    }

    @Test func rapidResetsEndTheConnection() async throws {
        try await withPeer { peer, service in
            let seen = peer.seen
            for batch in 0..<40 where !seen.value.isClosed {
                let frames = (0..<500).flatMap { number -> [Frame] in
                    let stream = UInt32((batch * 500 + number) * 2 + 1)
                    return [
                        RawHTTP2.call(stream), RawHTTP2.request(stream, "hold", "\"x\""),
                        Frame(type: 3, stream: stream, payload: RawHTTP2.number(8)),
                    ]
                }
                try await peer.write(frames)
            }
            let end = try await peer.eventually("the end") { $0.isClosed }
            #expect(end.goAway == Code.enhanceYourCalm)
            // Every handler that was begun has ended.
            try await service.probe.log.eventually("no handler is left") { log in
                log.count { $0.hasPrefix("began") } == log.count { $0.hasPrefix("cancelled") }
            }
        }
    }

    @Test(arguments: [
        Frame(type: 6, payload: [UInt8](repeating: 1, count: 8)),  // pings
        Frame(type: 4),  // settings
        Frame(type: 2, stream: 1, payload: [0, 0, 0, 0, 1]),  // priorities
    ])
    func floodsEndTheConnection(_ frame: RawHTTP2.Frame) async throws {
        try await withPeer { peer, _ in
            for _ in 0..<10 { try await peer.write([Frame](repeating: frame, count: 2_000)) }
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.enhanceYourCalm)
        }
    }

    @Test func emptyDataFramesEndTheConnection() async throws {
        try await withPeer { peer, _ in
            try await peer.write([RawHTTP2.call(1)] + [Frame](repeating: Frame(type: 0, stream: 1), count: 20_000))
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.enhanceYourCalm)
        }
    }

    @Test func aUsedStreamNumberEndsTheConnection() async throws {
        try await withPeer { peer, _ in
            try await peer.write(RawHTTP2.call(3), RawHTTP2.request(3, "echo", "1"))
            try await peer.eventually("the answer") { $0.hasEnded(3) }
            try await peer.write(RawHTTP2.call(3))
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.streamClosed)
        }
    }

    @Test func anEvenStreamNumberEndsTheConnection() async throws {
        try await withPeer { peer, _ in
            try await peer.write(RawHTTP2.call(2))
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.protocolError)
        }
    }

    @Test func anOverflowingWindowEndsTheConnection() async throws {
        try await withPeer { peer, _ in
            let update = Frame(type: 8, payload: RawHTTP2.number(0x7fff_ffff))
            try await peer.write(update, update)
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.flowControlError)
        }
    }

    @Test func moreThanTheWindowEndsTheConnection() async throws {
        var options = GRPCOptions(port: 0)
        options.maxMessageBytes = 1 << 10
        options.maxInFlightBytesPerConnection = 1 << 10
        try await withPeer(options) { peer, _ in
            // All of the connection's window on calls that are not read any further, and some more.
            let data = Frame(type: 0, stream: 1, payload: [UInt8](repeating: 0xff, count: 16_384))
            try await peer.write([RawHTTP2.call(1)] + [Frame](repeating: data, count: 200))
            try await peer.eventually("a refusal") { $0.hasEnded(1) || $0.isClosed }
        }
    }

    @Test func anOversizedFrameEndsTheConnection() async throws {
        try await withPeer { peer, _ in
            try await peer.write(RawHTTP2.call(1))
            try await peer.write(Frame(type: 0, stream: 1, payload: [UInt8](repeating: 0, count: 20_000)))
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.frameSizeError)
        }
    }

    /// Each of them is allowed by itself; together they would be too much.
    @Test func incompleteRequestsAreBounded() async throws {
        var options = GRPCOptions(port: 0)
        options.maxMessageBytes = 64 << 10
        options.maxInFlightBytesPerConnection = 256 << 10
        try await withPeer(options) { peer, _ in
            let part: [UInt8] = [0, 0, 0, 0xff, 0] + [UInt8](repeating: 0, count: 16_000)
            let streams = (0..<32).map { UInt32($0 * 2 + 1) }
            try await peer.write(
                streams.flatMap { [RawHTTP2.call($0), Frame(type: 0, stream: $0, payload: part)] })
            let seen = try await peer.eventually("refusals") { seen in streams.contains { seen.hasEnded($0) } }
            #expect(!seen.isClosed)
            let refused = try await peer.eventually("all refusals") { seen in
                streams.count { seen.hasEnded($0) } >= 32 - (256 << 10) / part.count
            }
            #expect(streams.count { refused.hasEnded($0) } <= 32 - (256 << 10) / part.count + 1)
        }
    }

    /// A peer that asks for much and makes no room for it.
    @Test func untakenAnswersAreBounded() async throws {
        var options = GRPCOptions(port: 0)
        options.maxMessageBytes = 256 << 10
        options.maxUnsentBytesPerConnection = 1 << 20
        // Its streams have no window at all.
        try await withPeer(options, settings: [(4, 0)]) { peer, _ in
            let streams = (0..<20).map { UInt32($0 * 2 + 1) }
            try await peer.write(streams.flatMap { [RawHTTP2.call($0), RawHTTP2.request($0, "big", "200000")] })
            let seen = try await peer.eventually("refusals") { seen in streams.count { seen.hasEnded($0) } >= 15 }
            #expect(streams.count { seen.hasEnded($0) } == 15)
        }
    }

    /// They mean nothing, and cost nothing but their bytes.
    @Test func unknownFramesAreIgnored() async throws {
        try await withPeer { peer, _ in
            try await peer.write([Frame](repeating: Frame(type: 0x42, payload: [1, 2, 3]), count: 20_000))
            try await peer.write(RawHTTP2.call(1), RawHTTP2.request(1, "echo", "1"))
            let seen = try await peer.eventually("the answer") { $0.hasEnded(1) }
            #expect(!seen.isClosed)
        }
    }

    /// A peer that has said that it knows how many calls it may have open.
    @Test func tooManyCallsEndTheConnection() async throws {
        var options = GRPCOptions(port: 0)
        options.maxConcurrentStreams = 10
        try await withPeer(options) { peer, _ in
            try await peer.eventually("settings") { seen in seen.frames.contains { $0.type == 4 } }
            try await peer.write(Frame(type: 4, flags: 1))
            let streams = (0..<15).map { UInt32($0 * 2 + 1) }
            try await peer.write(streams.flatMap { [RawHTTP2.call($0), RawHTTP2.request($0, "hold", "\"x\"")] })
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == Code.protocolError)
        }
    }

    @Test(arguments: [
        (":path", "/nestrs.microservices.Microservice/Nothing", "UNIMPLEMENTED", true),
        (":method", "GET", "405", false), ("content-type", "application/json", "415", false),
        ("content-type", "application/grpc-web", "415", false), ("grpc-timeout", "soon", "INVALID_ARGUMENT", true),
        ("grpc-encoding", "deflate", "UNIMPLEMENTED", true),
    ])
    func whatIsNoCallIsAnswered(_ name: String, _ value: String, _ what: String, _ isGRPC: Bool) async throws {
        try await withPeer { peer, _ in
            var fields = RawHTTP2.callFields.filter { $0.0 != name }
            if name.hasPrefix(":") { fields.insert((name, value), at: 0) } else { fields.append((name, value)) }
            try await peer.write(Frame(type: 1, flags: 5, stream: 1, payload: RawHTTP2.fields(fields)))
            let seen = try await peer.eventually("an answer to \(what)") { $0.hasEnded(1) }
            #expect(!seen.isClosed)
            let headers: [UInt8] = seen.frames.first(where: { $0.type == 1 })?.payload ?? []
            // `:status: 200` stands in HPACK's table as 8.
            #expect((headers.first == 0x88) == isGRPC, "\(headers)")
        }
    }
}
