import NestGRPC
import NestTesting
import Testing

/// What RFC 9113 forbids, frame by frame, and the error it names for each.
@Suite(.serialized) struct ForbiddenFramesTests {
    struct Offence: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: UInt32
        let frames: [RawHTTP2.Frame]

        init(_ name: String, _ code: UInt32, _ frames: RawHTTP2.Frame...) {
            testDescription = name
            self.code = code
            self.frames = frames
        }
    }

    private static let (protocolError, flowControlError, streamClosed): (UInt32, UInt32, UInt32) = (1, 3, 5)
    private static let (frameSizeError, compressionError): (UInt32, UInt32) = (6, 9)

    private static func setting(_ id: UInt16, _ value: UInt32) -> RawHTTP2.Frame { RawHTTP2.settings([(id, value)]) }

    private static let ofConnections = [
        Offence("data on stream 0", protocolError, .init(type: 0, payload: [1])),
        Offence("data on a stream that was not opened", protocolError, .init(type: 0, stream: 5, payload: [1])),
        Offence("headers on stream 0", protocolError, RawHTTP2.call(0)),
        Offence(
            "a header block that is none", compressionError,
            .init(type: 1, flags: 5, stream: 1, payload: [UInt8](repeating: 0xff, count: 20))),
        Offence(
            "padding longer than its frame", protocolError, .init(type: 1, flags: 13, stream: 1, payload: [200, 0, 0])),
        Offence(
            "a ping in the middle of a header block", protocolError,
            .init(type: 1, flags: 1, stream: 1, payload: RawHTTP2.fields(RawHTTP2.callFields)),
            .init(type: 6, payload: [UInt8](repeating: 0, count: 8))),
        Offence("a continuation of nothing", protocolError, .init(type: 9, flags: 4, stream: 1)),
        Offence("settings of half a setting", frameSizeError, .init(type: 4, payload: [0, 1, 0])),
        Offence("settings on a stream", protocolError, .init(type: 4, stream: 1)),
        Offence(
            "settings that acknowledge and set", frameSizeError, .init(type: 4, flags: 1, payload: [0, 1, 0, 0, 0, 0])),
        Offence("push that is neither on nor off", protocolError, setting(2, 2)),
        Offence("a window larger than windows are", flowControlError, setting(4, 0x8000_0000)),
        Offence("frames shorter than the least", protocolError, setting(5, 1)),
        Offence("a ping of seven bytes", frameSizeError, .init(type: 6, payload: [UInt8](repeating: 0, count: 7))),
        Offence(
            "a ping on a stream", protocolError, .init(type: 6, stream: 1, payload: [UInt8](repeating: 0, count: 8))),
        Offence("a promise of a client", protocolError, .init(type: 5, flags: 4, stream: 1, payload: [0, 0, 0, 2])),
        Offence("no more room for the connection", protocolError, .init(type: 8, payload: RawHTTP2.number(0))),
        Offence(
            "no more room for the call", protocolError, RawHTTP2.call(1),
            .init(type: 8, stream: 1, payload: RawHTTP2.number(0))),
        Offence(
            "a reset of what was not opened", protocolError, .init(type: 3, stream: 9, payload: RawHTTP2.number(8))),
        Offence(
            "a reset of three bytes", frameSizeError, RawHTTP2.call(1), .init(type: 3, stream: 1, payload: [0, 0, 8])),
        Offence(
            "a goodbye on a stream", protocolError, .init(type: 7, stream: 1, payload: [UInt8](repeating: 0, count: 8))),
    ]

    private func withPeer(_ frames: [RawHTTP2.Frame], _ body: (RawHTTP2) async throws -> Void) async throws {
        try await TestService.run { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(frames)
            try await body(peer)
            try await service.withClient { client in
                let echo: Int = try await client.send("echo", 1)
                #expect(echo == 1)
            }
            try await peer.close()
        }
    }

    @Test(arguments: ofConnections) func itCostsTheConnection(_ offence: Offence) async throws {
        try await withPeer(offence.frames) { peer in
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.goAway == offence.code)
        }
    }

    private static func call(_ change: (inout [(String, String)]) -> Void) -> RawHTTP2.Frame {
        var fields = RawHTTP2.callFields
        change(&fields)
        return .init(type: 1, flags: 4, stream: 1, payload: RawHTTP2.fields(fields))
    }

    private static let ofCalls = [
        Offence("a name in capitals", protocolError, call { $0.append(("X-Name", "x")) }),
        Offence("a call without a method", protocolError, call { $0.removeAll { $0.0 == ":method" } }),
        Offence("a call without a path", protocolError, call { $0.removeAll { $0.0 == ":path" } }),
        Offence("two paths", protocolError, call { $0.insert((":path", "/other"), at: 1) }),
        Offence("a pseudo field that does not exist", protocolError, call { $0.insert((":name", "x"), at: 1) }),
        Offence("a pseudo field behind the others", protocolError, call { $0.append((":path", "/other")) }),
        Offence("a field of HTTP/1", protocolError, call { $0.append(("connection", "close")) }),
        Offence("trailers that are not the end", protocolError, RawHTTP2.call(1), RawHTTP2.call(1)),
        Offence(
            "a window larger than windows are", flowControlError, RawHTTP2.call(1),
            .init(type: 8, stream: 1, payload: RawHTTP2.number(0x7fff_ffff))),
        Offence(
            "less data than was announced", protocolError, call { $0.append(("content-length", "1000")) },
            RawHTTP2.request(1, "echo", "1")),
    ]

    /// The next call on the same connection works.
    @Test(arguments: ofCalls) func itCostsTheCall(_ offence: Offence) async throws {
        try await withPeer(offence.frames) { peer in
            let seen = try await peer.eventually("a reset") { $0.reset(1) != nil || $0.isClosed }
            #expect(seen.reset(1) == offence.code)
            try await peer.write(RawHTTP2.call(3), RawHTTP2.request(3, "echo", "1"))
            let next = try await peer.eventually("the next answer") { $0.hasEnded(3) || $0.isClosed }
            #expect(!next.isClosed)
        }
    }

    /// What belongs to the next call is not taken for more of a call whose header list was too long.
    @Test func aRefusedHeaderListIsNotContinuedByOthers() async throws {
        let request = RawHTTP2.request(1, "echo", "1")
        let long = RawHTTP2.fields(
            RawHTTP2.callFields + (0..<3).map { ("x-\($0)", String(repeating: "x", count: 5_000)) })
        let more = RawHTTP2.fields([("x-3", String(repeating: "x", count: 2_000))])
        try await withPeer([
            RawHTTP2.call(1), .init(type: 0, stream: 1, payload: request.payload),
            .init(type: 1, flags: 1, stream: 3, payload: long), .init(type: 9, flags: 4, stream: 3, payload: more),
            .init(type: 1, flags: 5, stream: 1, payload: RawHTTP2.fields([("x-trailer", "x")])),
        ]) { peer in
            let seen = try await peer.eventually("both ends") { $0.hasEnded(1) && $0.reset(3) != nil || $0.isClosed }
            #expect(seen.headers[1]?["grpc-status"] == "0")
        }
    }

    /// The call may cost itself, or its connection: RFC 9113 leaves that open.
    @Test func dataBehindTheEndIsRefused() async throws {
        try await withPeer([
            RawHTTP2.call(1), RawHTTP2.request(1, "hold", "\"x\""), .init(type: 0, stream: 1, payload: [1]),
        ]) { peer in
            let seen = try await peer.eventually("a refusal") { $0.reset(1) != nil || $0.isClosed }
            #expect(seen.reset(1) == Self.streamClosed || seen.goAway == Self.streamClosed)
        }
    }
}
