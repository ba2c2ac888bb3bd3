import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NestHTTP
import NestTesting
import Testing

private let gate = Gate()
private let reading = Watched(0)

private struct Bodies: Controller {
    static func make(from resolver: Resolver) -> Bodies { Bodies() }
    static var handlers: [Handler<Bodies>] {
        [
            .post("/text") { (_, call: HTTPCall) async throws in
                reading.increment()
                return try await call.body(as: String.self)
            },
            .post("/raw") { (_, call: HTTPCall) async throws -> String in
                var request = call.context.request
                return String(buffer: try await request.collectBody(upTo: 100))
            },
            .post("/unwanted") { (_, _: HTTPCall) async throws -> String in
                try await gate.pass()
                return "done"
            },
            .get("/slow/:id") { (_, _: HTTPCall) async throws -> String in
                try await gate.pass()
                return "done"
            },
            .get("/quick") { (_, _: HTTPCall) in "quick" },
        ]
    }
}

/// Reads every body before the handler does.
private struct Reader: RouterMiddleware {
    @concurrent
    func handle(
        _ request: HummingbirdRequest, context: HTTPRequestContext,
        next: @concurrent (HummingbirdRequest, HTTPRequestContext) async throws -> HummingbirdResponse
    ) async throws -> HummingbirdResponse {
        var request = request
        _ = try await request.collectBody(upTo: 100)
        return try await next(request, context)
    }
}

/// Who is late, who is told, and what the log says.
@Suite("Connections: whose fault it is") struct ConnectionReportTests {
    private func options(_ lines: Watched<[String]>) -> HTTPOptions {
        var options = HTTPOptions()
        options.requestTimeout = .seconds(1)
        options.logger = .recorded(lines)
        return options
    }

    @Test("a handler that is late is a warning with its route; a body that nobody waits for is no excuse")
    func lateHandlers() async throws {
        let lines = Watched<[String]>([])
        try await withWeb(Bodies.self, options: options(lines)) { web async throws in
            #expect(try await web.get("/slow/7").status == 504)
            let peer = try await web.connect()
            try await peer.send("POST /unwanted HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\nhalf")
            #expect(try await peer.lastAnswer().status == 504)
            await peer.close()
            let told = lines.value.filter { $0.hasPrefix("warning: request given up") }
            #expect(told.count == 2 && told.first?.contains("http.route=/slow/:id") == true, "\(lines.value)")
            #expect(told.first?.contains("http.status=504") == true)
        }
    }

    @Test("a body that somebody waits for is late itself, which is no warning; nor is what is no HTTP")
    func latePeers() async throws {
        let lines = Watched<[String]>([])
        try await withWeb(Bodies.self, options: options(lines)) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /text HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\nhalf")
            #expect(try await peer.lastAnswer().status == 408)
            let garbage = try await web.connect()
            try await garbage.send("garbage\r\n\r\n")
            #expect(try await garbage.lastAnswer().status == 400)
            await peer.close()
            await garbage.close()
            let told = lines.value.filter { $0.hasPrefix("debug: request given up") }
            #expect(told.contains { $0.contains("http.route=/text") && $0.contains("http.status=408") })
            #expect(told.contains { $0.contains("http.status=400") }, "\(lines.value)")
            #expect(!lines.value.contains { $0.hasPrefix("warning") || $0.hasPrefix("error") })
        }
    }

    @Test("a peer that leaves in the middle of its body is no failure of ours")
    func leaving() async throws {
        let lines = Watched<[String]>([])
        try await withWeb(Bodies.self, options: options(lines)) { web async throws in
            let count = reading.value
            let peer = try await web.connect()
            try await peer.send("POST /text HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\nhalf")
            try await reading.eventually("the handler") { $0 > count }
            await peer.reset()
            await web.app.close()
            #expect(!lines.value.contains { $0.hasPrefix("warning") || $0.hasPrefix("error") }, "\(lines.value)")
        }
    }

    @Test("leave to send a body is given whoever reads it", arguments: ["/raw", "/routed", "/text"])
    func leave(path: String) async throws {
        try await withWeb(
            Bodies.self,
            configure: {
                if path == "/text" { try $0.use(Reader()) }
                try $0.configureRouter { router in
                    router.post("/routed") { request, _ in
                        var request = request
                        return String(buffer: try await request.collectBody(upTo: 100))
                    }
                }
            }
        ) { web async throws in
            let peer = try await web.connect()
            let fields = "host: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\n"
            try await peer.send("POST \(path) HTTP/1.1\r\n\(fields)\r\n")
            try await peer.eventually("leave") { $0.text == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await peer.send("ok")
            try await peer.eventually("the answer") { $0.text.hasSuffix("\r\n\r\nok") }
            await peer.close()
        }
    }
}
