import NIOCore
import NestHTTP
import NestTesting
import Testing

private let gate = Gate()
private let cancelled = Watched<[String]>([])

private struct Slow: Controller {
    static func make(from resolver: Resolver) -> Slow { Slow() }
    static var handlers: [Handler<Slow>] {
        [
            .get("/quick") { (_, _: HTTPCall) in "quick" },
            .get("/slow/:name") { (_, call: HTTPCall) async throws -> String in
                do {
                    try await gate.pass()
                } catch {
                    cancelled.append(try call.param("name"))
                    throw error
                }
                return "done"
            },
            .get("/patient", options: HTTPHandlerOptions(timeout: .seconds(60))) { (_, call: HTTPCall) async in
                (call.context.timeRemaining ?? .zero) > .seconds(50)
            },
            .get("/impatient", options: HTTPHandlerOptions(timeout: .milliseconds(50))) {
                (_, _: HTTPCall) async throws -> String in
                try await gate.pass()
                return "done"
            },
            .post("/body") { (_, call: HTTPCall) async throws in try await call.body(as: String.self) },
        ]
    }
}

@Suite("Time limits") struct TimeLimitTests {
    private var options: HTTPOptions {
        var options = HTTPOptions()
        options.requestTimeout = .milliseconds(300)
        options.headerTimeout = .milliseconds(200)
        return options
    }

    @Test("a handler that takes too long is cancelled, its caller gets 504")
    func request() async throws {
        try await withWeb(Slow.self, options: options) { web async throws in
            let answer = try await web.get("/slow/late")
            #expect(answer.status == 504 && answer["content-type"] == "application/problem+json")
            #expect(answer.json["code"] == "timeout" && answer["connection"] == "close")
            try await cancelled.eventually("the handler is cancelled") { $0.contains("late") }
        }
    }

    @Test("a handler may have a limit of its own")
    func ownLimit() async throws {
        try await withWeb(Slow.self) { web async throws in
            #expect(try await web.get("/impatient").status == 504)
            #expect(try await web.get("/patient").json == true)
        }
    }

    @Test("a body that does not come is 408")
    func body() async throws {
        try await withWeb(Slow.self, options: options) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /body HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\nhalf")
            let answer = try await peer.lastAnswer()
            #expect(answer.status == 408 && answer["content-type"] == "application/problem+json")
            await peer.close()
        }
    }

    @Test("a head that comes byte by byte is given up")
    func slowHead() async throws {
        try await withWeb(Slow.self, options: options) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /quick HTTP/1.1\r\nx: ")
            let answer = try await peer.lastAnswer()
            #expect(answer.status == 408)
            await peer.close()
        }
    }

    @Test("a head of many or long fields is refused")
    func longHead() async throws {
        try await withWeb(Slow.self) { web async throws in
            let long = try await web.connect()
            try await long.send("GET /quick HTTP/1.1\r\nx: \(String(repeating: "y", count: 40_000))\r\n\r\n")
            #expect(try await long.lastAnswer().status == 431)
            let many = try await web.connect()
            try await many.send("GET /quick HTTP/1.1\r\n\(String(repeating: "x: y\r\n", count: 1_000))\r\n")
            #expect(try await many.lastAnswer().status == 431)
            await long.close()
            await many.close()
        }
    }

    @Test("a connection without a request is closed after a while, one in use stays")
    func idle() async throws {
        var options = HTTPOptions()
        options.idleTimeout = .seconds(2)
        try await withWeb(Slow.self, options: options) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /quick HTTP/1.1\r\nhost: t\r\n\r\n")
            try await peer.eventually("an answer") { $0.text.contains("quick") }
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.text.matches(of: /HTTP\/1.1/).count == 1)
            let silent = try await web.connect()
            try await silent.eventually("the end") { $0.isClosed }
        }
    }

    @Test("a client that goes away cancels the handler")
    func disconnect() async throws {
        try await withWeb(Slow.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /slow/gone HTTP/1.1\r\nhost: t\r\n\r\nGET /quick HTTP/1.1\r\nhost: t\r\n\r\n")
            try await gate.eventuallyHolds(1)
            await peer.reset()
            try await cancelled.eventually("the handler is cancelled") { $0.contains("gone") }
        }
    }

    @Test("what is no HTTP is a 400")
    func garbage() async throws {
        try await withWeb(Slow.self) { web async throws in
            for text in ["garbage\r\n\r\n", "GET /quick HTTP/1.1\r\nbad header\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
                let peer = try await web.connect()
                try await peer.send(text)
                let answer = try await peer.lastAnswer()
                #expect(answer.status == 400 && answer["content-type"] == "application/problem+json", "\(text)")
                await peer.close()
            }
        }
    }

    @Test("a peer of HTTP/1.0 gets its answer and the end")
    func oldPeer() async throws {
        try await withWeb(Slow.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /quick HTTP/1.0\r\n\r\n")
            #expect(try await peer.lastAnswer().body == "quick")
            await peer.close()
        }
    }
}
