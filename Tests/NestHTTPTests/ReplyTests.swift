import Hummingbird
import HummingbirdCore
import NIOCore
import NestHTTP
import Testing

private struct Replies: Controller {
    static func make(from resolver: Resolver) -> Replies { Replies() }
    static var handlers: [Handler<Replies>] {
        [
            .post("/nothing") { (_, _: HTTPCall) in },
            .get("/accepted", options: HTTPHandlerOptions(status: .accepted, headers: [.cacheControl: "no-store"])) {
                (_, _: HTTPCall) in ["a": 1]
            },
            .get("/nil") { (_, _: HTTPCall) -> Int? in nil },
            .get("/no-text") { (_, _: HTTPCall) -> String? in nil },
            .post("/some-text") { (_, _: HTTPCall) async -> String? in "text" },
            .get("/replaced") { (_, call: HTTPCall) async throws in
                call.context.response.headers[.cacheControl] = "no-store"
                call.context.response.setCookie(Cookie(name: "a", value: "1"))
                return HTTPReply(
                    1, headers: [.cacheControl: "private", .contentType: "application/vnd.x+json"],
                    cookies: [Cookie(name: "b", value: "2")])
            },
            .get("/reply") { (_, _: HTTPCall) in
                HTTPReply(
                    [1, 2], status: .created, headers: [.location: "/orders/1", .cacheControl: "private"],
                    cookies: [Cookie(name: "a", value: "1"), Cookie(name: "b", value: "2")])
            },
            .get("/redirect") { (_, _: HTTPCall) in Redirect("/elsewhere", .seeOther) },
            .get("/text") { (_, _: HTTPCall) in HTTPText("pong") },
            .get("/bytes") { (_, _: HTTPCall) in ByteBuffer(string: "\u{1}\u{2}") },
            .get("/raw") { (_, _: HTTPCall) in
                HummingbirdResponse(
                    status: .init(code: 418), headers: [.contentType: "x/y"],
                    body: .init(byteBuffer: ByteBuffer(string: "t")))
            },
            .get("/settings") { (_, call: HTTPCall) async throws -> String in
                call.context.response.status = .accepted
                call.context.response.headers[.eTag] = "\"1\""
                return "set"
            },
            .get("/refused") { (_, call: HTTPCall) async throws in
                call.context.response.headers[.eTag] = "\"1\""
                throw HTTPException.tooManyRequests("slow down", retryAfter: .seconds(3)).details(["limit": 5])
            },
            .get("/remote") { (_, _: HTTPCall) async throws in
                throw TransportError(.rejected, "no such thing", details: ["status": 404])
            },
            .get("/timeout") { (_, _: HTTPCall) async throws in throw TransportError(.timeout, "secret host") },
            .get("/bug") { (_, _: HTTPCall) async throws in throw Bug() },
            .get("/head-only") { (_, call: HTTPCall) in call.context.requestID },
        ]
    }
}

private struct Bug: Error { let secret = "secret" }

@Suite("Replies") struct ReplyTests {
    @Test("bytes are answered as they are")
    func bytes() async throws {
        try await withWeb(Replies.self) { web async throws in
            let answer = try await web.get("/bytes")
            #expect(answer.body == "\u{1}\u{2}" && answer["content-type"] == "application/octet-stream")
        }
    }

    @Test("status, fields and bodies")
    func values() async throws {
        try await withWeb(Replies.self) { web async throws in
            let nothing = try await web.ask("POST", "/nothing")
            #expect(nothing.status == 201 && nothing.body.isEmpty && nothing["content-length"] == "0")
            let accepted = try await web.get("/accepted")
            #expect(accepted.status == 202 && accepted["cache-control"] == "no-store" && accepted.body == #"{"a":1}"#)
            #expect(accepted["date"]?.hasSuffix(" GMT") == true)
            let absent = try await web.get("/nil")
            #expect(absent.status == 200 && absent.body == "null")
            let settings = try await web.get("/settings")
            #expect(settings.status == 202 && settings["etag"] == "\"1\"")
            #expect(try await web.get("/head-only", headers: ["x-request-id: r-1"]).body == "r-1")
        }
    }

    @Test("optional text is text, or nothing")
    func optionalText() async throws {
        try await withWeb(Replies.self) { web async throws in
            let none = try await web.get("/no-text")
            #expect(none.status == 200 && none.body.isEmpty && none["content-length"] == "0")
            let some = try await web.ask("POST", "/some-text")
            #expect(some.status == 201 && some.body == "text" && some["content-type"] == "text/plain; charset=utf-8")
        }
    }

    @Test("a reply's fields take the place of those that the context has, cookies aside")
    func replaced() async throws {
        try await withWeb(Replies.self) { web async throws in
            let reply = try await web.get("/replaced")
            #expect(reply.all("cache-control") == ["private"])
            #expect(reply.all("content-type") == ["application/vnd.x+json"] && reply.all("set-cookie").count == 2)
        }
    }

    @Test("answers that know themselves")
    func responding() async throws {
        try await withWeb(Replies.self) { web async throws in
            let reply = try await web.get("/reply")
            #expect(reply.status == 201 && reply.body == "[1,2]" && reply["location"] == "/orders/1")
            #expect(reply.all("set-cookie").count == 2 && reply.all("content-type") == ["application/json"])
            let redirect = try await web.get("/redirect")
            #expect(redirect.status == 303 && redirect["location"] == "/elsewhere")
            let text = try await web.get("/text")
            #expect(text.body == "pong" && text["content-type"] == "text/plain; charset=utf-8")
            let raw = try await web.get("/raw")
            #expect(raw.status == 418 && raw.body == "t" && raw.all("content-length") == ["1"])
        }
    }

    @Test("errors are problem documents; what nobody threw on purpose keeps its text")
    func errors() async throws {
        try await withWeb(Replies.self) { web async throws in
            let refused = try await web.get("/refused")
            #expect(refused.status == 429 && refused["retry-after"] == "3" && refused.json["limit"] == 5)
            #expect(refused.json["detail"] == "slow down" && refused["etag"] == nil)
            let remote = try await web.get("/remote")
            #expect(remote.status == 404 && remote.json["detail"] == "no such thing")
            let late = try await web.get("/timeout")
            #expect(late.status == 504 && late.json["code"] == "timeout" && !late.body.contains("secret"))
            let bug = try await web.get("/bug")
            #expect(bug.status == 500 && bug.json["title"] == "Internal Server Error" && !bug.body.contains("secret"))
        }
    }
}
