import NIOCore
import NestHTTP
import NestTesting
import Testing

private final class Source: Sendable {
    let ended = Watched<[String]>([])

    /// Goes on until it is cancelled, one item at a time.
    func events(_ name: String) -> AsyncStream<ServerSentEvent> {
        AsyncStream { continuation in
            continuation.yield(ServerSentEvent(data: "hello\nworld", event: "greeting", id: "1"))
            continuation.onTermination = { _ in self.ended.append(name) }
        }
    }
}

private let source = Source()

private struct Streams: Controller {
    static func make(from resolver: Resolver) -> Streams { Streams() }
    static var handlers: [Handler<Streams>] {
        [
            .get("/events/:name") { (_, call: HTTPCall) async throws in
                source.events(try call.param("name", as: String.self))
            },
            .get("/lines") { (_, _: HTTPCall) async in
                AsyncStream<[Int]> { continuation in
                    for number in 1...3 { continuation.yield([number]) }
                    continuation.finish()
                }
            },
            .get("/bytes") { (_, _: HTTPCall) async in
                AsyncStream<ByteBuffer> { continuation in
                    continuation.yield(ByteBuffer(string: "one"))
                    continuation.yield(ByteBuffer(string: "two"))
                    continuation.finish()
                }
            },
            .get("/fails") { (_, _: HTTPCall) async in
                AsyncThrowingStream<Int, any Error> { continuation in
                    continuation.yield(1)
                    continuation.finish(throwing: TransportError(.internal, "broken"))
                }
            },
            .get("/flood") { (_, _: HTTPCall) async in Flood() },
        ]
    }
}

private let flooded = Watched(0)

/// As many bytes as are asked for.
private struct Flood: AsyncSequence, AsyncIteratorProtocol, Sendable {
    func makeAsyncIterator() -> Flood { self }
    mutating func next() async -> ByteBuffer? {
        guard !Task.isCancelled else { return nil }
        flooded.increment()
        return ByteBuffer(repeating: 0x78, count: 64 << 10)
    }
}

@Suite("Streams") struct StreamTests {
    @Test("events come as they are made; a client that goes away cancels them")
    func events() async throws {
        try await withWeb(Streams.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /events/gone HTTP/1.1\r\nhost: t\r\n\r\n")
            let seen = try await peer.eventually("an event") { $0.text.contains("data: world\n\n") }
            #expect(Answer(seen.text)["content-type"] == "text/event-stream")
            #expect(seen.text.contains("event: greeting\nid: 1\ndata: hello\ndata: world\n\n"))
            await peer.close()
            try await source.ended.eventually("the end of the sequence") { $0.contains("gone") }
        }
    }

    @Test("shutting down ends event streams at once")
    func shutdown() async throws {
        try await withWeb(Streams.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /events/down HTTP/1.1\r\nhost: t\r\n\r\n")
            try await peer.eventually("an event") { $0.text.contains("data: world\n\n") }
            try await within(.seconds(5), "closing") { await web.app.close() }
            try await peer.eventually("the end") { $0.isClosed }
            #expect(source.ended.value.contains("down"))
        }
    }

    @Test("values are lines, bytes are bytes")
    func values() async throws {
        try await withWeb(Streams.self) { web async throws in
            let lines = try await web.get("/lines")
            #expect(lines.body == "[1]\n[2]\n[3]\n" && lines["content-type"] == "application/x-ndjson")
            let bytes = try await web.get("/bytes")
            #expect(bytes.body == "onetwo" && bytes["transfer-encoding"] == "chunked")
        }
    }

    @Test("a stream that fails is cut, so that nobody takes it for whole")
    func failure() async throws {
        try await withWeb(Streams.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /fails HTTP/1.1\r\nhost: t\r\n\r\n")
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.text.contains("2\r\n1\n") && !seen.text.contains("0\r\n\r\n"))
        }
    }

    @Test("a peer that does not read holds the stream back, and is given up in the end")
    func backPressure() async throws {
        var options = HTTPOptions()
        options.idleTimeout = .milliseconds(300)
        flooded.update { $0 = 0 }
        try await withWeb(Streams.self, options: options) { web async throws in
            let peer = try await web.connect()
            try await peer.stopReading()
            try await peer.send("GET /flood HTTP/1.1\r\nhost: t\r\n\r\n")
            try await within(.seconds(20), "giving up") {
                while await web.app.health()["http"]?.details["connections"] != "0" { await Task.yield() }
            }
            #expect(flooded.value < 1_000)
            await peer.close()
        }
    }
}
