import Hummingbird
import HummingbirdCore
import NIOCore
import NestHTTP
import Testing

private struct Pages: Controller {
    static func make(from resolver: Resolver) -> Pages { Pages() }
    static var handlers: [Handler<Pages>] {
        [
            .get("/long") { (_, _: HTTPCall) in String(repeating: "long text ", count: 1_000) },
            .get("/short") { (_, _: HTTPCall) in "short" },
            .post("/long") { (_, call: HTTPCall) async throws in try await call.body(as: String.self) },
            .get("/refused") { (_, _: HTTPCall) async throws in throw HTTPException.conflict() },
        ]
    }
}

private struct Stamp: RouterMiddleware {
    @concurrent
    func handle(
        _ request: HummingbirdRequest, context: HTTPRequestContext,
        next: @concurrent (HummingbirdRequest, HTTPRequestContext) async throws -> HummingbirdResponse
    ) async throws -> HummingbirdResponse {
        if request.headers[.authorization] == "none" { throw HTTPError(.unauthorized, message: "who are you") }
        var response = try await next(request, context)
        response.headers[.server] = "stamp \(context.endpointPath ?? "-")"
        return response
    }
}

@Suite("Middleware") struct MiddlewareTests {
    @Test("Hummingbird's middleware stands around everything")
    func hummingbird() async throws {
        try await withWeb(Pages.self, configure: { try $0.use(Stamp()) }) { web async throws in
            #expect(try await web.get("/short")["server"] == "stamp /short")
            let missing = try await web.get("/nothing")
            #expect(missing.status == 404 && missing["server"] == "stamp -")
            let refused = try await web.get("/short", headers: ["authorization: none"])
            #expect(refused.status == 401 && refused.json["detail"] == "who are you")
            #expect(try await web.ask("HEAD", "/short").body.isEmpty)
        }
    }

    @Test("CORS lets the origins in that it should, errors included")
    func cors() async throws {
        var options = HTTPOptions()
        options.cors = CORSOptions(origins: .only(["https://a.example"]))
        try await withWeb(Pages.self, options: options) { web async throws in
            let mine = ["origin: https://a.example"]
            let asked = try await web.ask(
                "OPTIONS", "/short", headers: mine + ["access-control-request-method: PUT"])
            #expect(asked.status == 204 && asked["access-control-allow-origin"] == "https://a.example")
            #expect(asked["access-control-allow-methods"]?.contains("PUT") == true)
            #expect(try await web.get("/short", headers: mine)["access-control-allow-origin"] == "https://a.example")
            let refused = try await web.get("/refused", headers: mine)
            #expect(refused.status == 409 && refused["access-control-allow-origin"] == "https://a.example")
            let other = try await web.get("/short", headers: ["origin: https://b.example"])
            #expect(other["access-control-allow-origin"] == nil && other["vary"] == "Origin")
            #expect(try await web.get("/short")["access-control-allow-origin"] == nil)
        }
    }

    @Test("long answers are compressed for those who ask, short ones are not")
    func compression() async throws {
        try await withWeb(Pages.self, configure: { try $0.enableCompression() }) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /long HTTP/1.1\r\nhost: t\r\nconnection: close\r\naccept-encoding: gzip\r\n\r\n")
            let seen = try await peer.eventually("the answer") { $0.isClosed }
            #expect(seen.bytes.readableBytes < 1_000)
            let head = String(decoding: seen.bytes.readableBytesView.prefix(300), as: UTF8.self).lowercased()
            #expect(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"))
            await peer.close()
            let short = try await web.get("/short", headers: ["accept-encoding: gzip"])
            #expect(short["content-encoding"] == nil && short.body == "short")
            let plain = try await web.get("/long")
            #expect(plain["content-encoding"] == nil && plain.body.count == 10_000)
        }
    }

    @Test("compression does not mind leave to send, or bytes that are no HTTP")
    func compressionBeside() async throws {
        try await withWeb(Pages.self, configure: { try $0.enableCompression() }) { web async throws in
            let peer = try await web.connect()
            try await peer.send(
                "POST /long HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 2\r\nconnection: close\r\n\r\n"
            )
            try await peer.eventually("leave") { $0.text.contains("100 Continue") }
            try await peer.send("ok")
            try await peer.eventually("the answer") { $0.isClosed && $0.text.hasSuffix("\r\n\r\nok") }
            let garbage = try await web.connect()
            try await garbage.send("garbage\r\n\r\n")
            #expect(try await garbage.lastAnswer().status == 400)
            await peer.close()
            await garbage.close()
        }
    }
}
