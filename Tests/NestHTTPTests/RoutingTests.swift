import Hummingbird
import HummingbirdCore
import NestHTTP
import Testing

private struct Orders: Controller {
    static var path: String { "/orders" }
    static func make(from resolver: Resolver) -> Orders { Orders() }
    static var handlers: [Handler<Orders>] {
        [
            .get { (_, _: HTTPCall) in "all" },
            .get("/:id") { (_, call: HTTPCall) in "one \(try call.param("id", as: String.self))" },
            .post("/bulk") { (_, _: HTTPCall) in "bulk" },
            .put("/:id") { (_, call: HTTPCall) in "put \(try call.param("id", as: Int.self))" },
            .patch("/:id") { (_, call: HTTPCall) in "patch \(try call.param("id", as: Int.self))" },
            .delete("/:id", options: HTTPHandlerOptions(status: .noContent)) { (_, _: HTTPCall) in },
            .get("/:id/lines/:line") { (_, call: HTTPCall) in
                [try call.param("id", as: Int.self), try call.param("line", as: Int.self)]
            },
            .get("/files/*path") { (_, call: HTTPCall) in try call.param("path", as: String.self) },
            .head("/:id/lines") { (_, call: HTTPCall) in call.context.response.headers[.eTag] = "\"7\"" },
            .options("/:id/lines") { (_, _: HTTPCall) in HTTPText("asked") },
            .http(.purge)("/:id") { (_, _: HTTPCall) in "purged" },
        ]
    }
}

extension HTTPRequest.Method {
    // A valid token: it never comes to nothing.
    fileprivate static let purge = HTTPRequest.Method("PURGE") ?? .trace
}

@Suite("Routing") struct RoutingTests {
    @Test("every method reaches its handler")
    func methods() async throws {
        try await withWeb(Orders.self) { web async throws in
            #expect(try await web.get("/orders").body == "all")
            #expect(try await web.get("/orders/7").body == "one 7")
            #expect(try await web.ask("PUT", "/orders/7").body == "put 7")
            #expect(try await web.ask("PATCH", "/orders/7").body == "patch 7")
            #expect(try await web.ask("PURGE", "/orders/7").body == "purged")
            #expect(try await web.ask("OPTIONS", "/orders/7/lines").body == "asked")
            let created = try await web.ask("POST", "/orders/bulk")
            #expect(created.status == 201 && created.body == "bulk")
            let deleted = try await web.ask("DELETE", "/orders/7")
            #expect(deleted.status == 204 && deleted.body.isEmpty && deleted["content-length"] == nil)
        }
    }

    @Test("a path whose literal segment has no handler for the method falls back to a parameter")
    func fallsBack() async throws {
        try await withWeb(Orders.self) { web async throws in
            #expect(try await web.get("/orders/bulk").body == "one bulk")
            #expect(try await web.get("/orders/files/a/b.txt").body == "a/b.txt")
            #expect(try await web.get("/orders/7/lines/2").body == "[7,2]")
        }
    }

    @Test("HEAD is answered as GET without its body, unless it has a handler")
    func head() async throws {
        try await withWeb(Orders.self) { web async throws in
            let head = try await web.ask("HEAD", "/orders")
            #expect(head.status == 200 && head["content-length"] == "3" && head.body.isEmpty)
            let own = try await web.ask("HEAD", "/orders/7/lines")
            #expect(own.status == 200 && own["etag"] == "\"7\"")
        }
    }

    @Test("an unknown path is 404, an unknown method 405 with those that are allowed")
    func unknown() async throws {
        try await withWeb(Orders.self) { web async throws in
            let missing = try await web.get("/nothing")
            #expect(missing.status == 404 && missing["content-type"] == "application/problem+json")
            #expect(missing.json["status"]?.int == 404 && missing.json["instance"] == "/nothing")
            let refused = try await web.ask("DELETE", "/orders")
            #expect(refused.status == 405 && refused["allow"] == "GET, HEAD, OPTIONS")
            #expect(refused["content-type"] == "application/problem+json")
            let bulk = try await web.ask("LINK", "/orders/bulk")
            #expect(bulk["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PURGE, PUT")
            let asked = try await web.ask("OPTIONS", "/orders")
            #expect(asked.status == 204 && asked["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test("encoded segments, slashes at the end and queries make no difference")
    func spelling() async throws {
        try await withWeb(Orders.self) { web async throws in
            #expect(try await web.get("/orders/a%20b%2Fc").body == "one a b/c")
            #expect(try await web.get("/%6Frders/7/").body == "one 7")
            #expect(try await web.get("/orders?x=1").body == "all")
            #expect(try await web.get("/orders//").status == 404)
            #expect(try await web.get("/orders/%ZZ").status == 400)
        }
    }

    @Test("a prefix stands before all routes but the excluded ones")
    func prefix() async throws {
        try await withWeb(Orders.self, configure: { try $0.setGlobalPrefix("api/v1", exclude: ["/orders/bulk"]) }) {
            web async throws in
            #expect(try await web.get("/api/v1/orders/7").body == "one 7")
            #expect(try await web.get("/orders/7").status == 404)
            #expect(try await web.ask("POST", "/orders/bulk").status == 201)
        }
    }

    @Test("Hummingbird's router answers what controllers do not, and its errors are problem documents")
    func hummingbird() async throws {
        try await withWeb(
            Orders.self,
            configure: {
                try $0.configureRouter { router in
                    router.get("metrics") { _, _ in "up 1" }
                    router.get("orders/own") { _, _ in "never" }
                    router.delete("orders") { _, _ in "all gone" }
                    router.get("broken") { _, _ -> String in throw HTTPError(.conflict, message: "not twice") }
                }
            }
        ) { web async throws in
            #expect(try await web.get("/metrics").body == "up 1")
            #expect(try await web.get("/orders/own").body == "one own")
            #expect(try await web.ask("DELETE", "/orders").body == "all gone")
            let broken = try await web.get("/broken")
            #expect(broken.status == 409 && broken.json["detail"] == "not twice")
            #expect(try await web.ask("PUT", "/orders").status == 405)
            #expect(try await web.get("/neither").json["status"]?.int == 404)
        }
    }

    @Test("pipelined requests are answered in their order, and the connection is used again")
    func pipelining() async throws {
        try await withWeb(Orders.self) { web async throws in
            let peer = try await web.connect()
            let requests = (1...20).map { "GET /orders/\($0) HTTP/1.1\r\nhost: t\r\n\r\n" }.joined()
            try await peer.send(requests)
            let seen = try await peer.eventually("all answers") { $0.text.contains("one 20") }
            let found = seen.text.matches(of: /one (\d+)/).compactMap { Int($0.1) }
            #expect(found == Array(1...20))
            try await peer.send("GET /orders HTTP/1.1\r\nhost: t\r\n\r\n")
            try await peer.eventually("the next answer") { $0.text.contains("\r\n\r\nall") }
            await peer.close()
        }
    }
}
