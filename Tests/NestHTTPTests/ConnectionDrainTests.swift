import NIOCore
import NestHTTP
import NestTesting
import Testing

private let gate = Gate()

private struct Work: Controller {
    static func make(from resolver: Resolver) -> Work { Work() }
    static var handlers: [Handler<Work>] {
        [
            .get("/quick") { (_, _: HTTPCall) in "quick" },
            .get("/held") { (_, _: HTTPCall) async throws -> String in
                try await gate.pass()
                return "held"
            },
            .post("/unread") { (_, _: HTTPCall) in "early" },
        ]
    }
}

private let quick = "GET /quick HTTP/1.1\r\nhost: t\r\n\r\n"

/// What shutting down does to connections without a request to answer.
@Suite("Connections: shutdown") struct ConnectionDrainTests {
    @Test(
        "what waits for the peer only is ended at once",
        arguments: [
            ("POST /unread HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\nhalf", "early"),
            ("\(quick)GET /quick HT", "quick"), (quick, "quick"),
        ])
    func idle(sent: String, answer: String) async throws {
        try await withWeb(Work.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send(sent)
            try await peer.eventually("the answer") { $0.text.hasSuffix("\r\n\r\n\(answer)") }
            try await within(.seconds(6), "closing") { await web.app.close() }
            try await peer.eventually("the end") { $0.isClosed }
        }
    }

    @Test("the rest of a body does not make room for another request")
    func after() async throws {
        try await withWeb(Work.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /held HTTP/1.1\r\nhost: t\r\n\r\n")
            try await gate.eventuallyHolds(1)
            let reading = try await web.connect()
            try await reading.send("POST /unread HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\n")
            try await reading.eventually("the answer") { $0.text.hasSuffix("early") }
            async let end: Void = web.app.close()
            try await reading.eventually("the end") { $0.isClosed }
            try? await reading.send("rest" + quick)
            try await peer.send(quick)
            gate.open()
            let seen = try await peer.eventually("the end") { $0.isClosed }.text
            #expect(seen.hasSuffix("\r\n\r\nheld") && !reading.received.value.text.contains("quick"), "\(seen)")
            await end
        }
    }

    @Test("a body that nobody wants is not waited for without end")
    func drips() async throws {
        var options = HTTPOptions()
        options.idleTimeout = .seconds(1)
        try await withWeb(Work.self, options: options) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /unread HTTP/1.1\r\nhost: t\r\ncontent-length: 60000\r\n\r\n")
            let drips = peer.drip("x", every: .milliseconds(50))
            defer { drips.cancel() }
            try await peer.eventually("the end") { $0.isClosed }
            await peer.close()
        }
    }
}
