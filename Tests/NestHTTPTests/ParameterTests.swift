import Foundation
import NestHTTP
import Testing

private enum Size: String, Codable, Sendable { case small, large }

private struct Filter: Codable, Sendable {
    var text: String?
    var tags: [String]?
    var limit: Int
}

private struct Params: Controller {
    static func make(from resolver: Resolver) -> Params { Params() }
    static var handlers: [Handler<Params>] {
        [
            .get("/uuid/:id") { (_, call: HTTPCall) in try call.param("id", as: UUID.self) },
            .get("/size/:size") { (_, call: HTTPCall) in try call.param("size", as: Size.self) },
            .get("/bool/:on") { (_, call: HTTPCall) in try call.param("on", as: Bool.self) },
            .get("/date/:day") { (_, call: HTTPCall) in
                try call.param("day", as: Date.self).timeIntervalSince1970
            },
            .get("/query") { (_, call: HTTPCall) in try call.query("page", as: Int.self) },
            .get("/optional") { (_, call: HTTPCall) in try call.query("page", as: Int?.self) },
            .get("/default") { (_, call: HTTPCall) in try call.query("page", default: 1) },
            .get("/list") { (_, call: HTTPCall) in try call.query("tag", as: [String].self) },
            .get("/queries") { (_, call: HTTPCall) in try await call.queries(as: Filter.self) },
            .get("/header") { (_, call: HTTPCall) in try call.header("x-count", as: Int.self) },
            .get("/cookie") { (_, call: HTTPCall) in try call.cookie("session", as: String?.self) },
            .get("/wrong/:id") { (_, call: HTTPCall) in try call.param("key", as: Int.self) },
        ]
    }
}

@Suite("Parameters") struct ParameterTests {
    @Test("the path's become any type made from one text")
    func path() async throws {
        try await withWeb(Params.self) { web async throws in
            let id = UUID()
            #expect(try await web.get("/uuid/\(id)").json.string == id.uuidString)
            #expect(try await web.get("/size/large").json.string == "large")
            #expect(try await web.get("/bool/true").json.bool == true)
            #expect(try await web.get("/date/1970-01-02").json.int == 86_400)
            #expect(try await web.get("/date/1970-01-02T00:00:01Z").json.int == 86_401)
        }
    }

    @Test(
        "what does not fit is a 400 that names the place",
        arguments: [
            ("/uuid/1", "path", "id"), ("/size/huge", "path", "size"), ("/bool/maybe", "path", "on"),
            ("/query", "query", "page"), ("/query?page=x", "query", "page"), ("/optional?page=x", "query", "page"),
            ("/default?page=99999999999999999999", "query", "page"), ("/queries", "query", "limit"),
            ("/queries?limit=a", "query", "limit"), ("/query?page=%f", "query", ""), ("/header", "header", "x-count"),
        ])
    func unfit(path: String, place: String, name: String) async throws {
        try await withWeb(Params.self) { web async throws in
            let answer = try await web.get(path)
            #expect(answer.status == 400 && answer["content-type"] == "application/problem+json")
            let fault = answer.json["errors"]?[0]
            #expect(fault?["in"]?.string == place && fault?["name"]?.string == name, "\(answer)")
        }
    }

    @Test("the query's may be absent, have a default, or be many")
    func query() async throws {
        try await withWeb(Params.self) { web async throws in
            #expect(try await web.get("/query?page=3").json == 3)
            #expect(try await web.get("/optional").json == .null)
            #expect(try await web.get("/optional?page=3").json == 3)
            #expect(try await web.get("/default").json == 1)
            #expect(try await web.get("/default?page=4").json == 4)
            #expect(try await web.get("/list?tag=a&tag=b+c%21").json == ["a", "b c!"])
            #expect(try await web.get("/list?tag[]=a&tag[]=b").json == ["a", "b"])
            #expect(try await web.get("/list").json == [])
            let all = try await web.get("/queries?limit=5&tags=x&tags=y").json
            #expect(all["limit"] == 5 && all["tags"] == ["x", "y"] && all["text"] == nil)
        }
    }

    @Test("headers and cookies")
    func headers() async throws {
        try await withWeb(Params.self) { web async throws in
            #expect(try await web.get("/header", headers: ["X-Count: 8"]).json == 8)
            #expect(try await web.get("/cookie", headers: ["cookie: a=1; session=abc"]).json == "abc")
            #expect(try await web.get("/cookie").json == .null)
        }
    }

    @Test("a parameter that the path does not have is the handler's mistake: 500 without its text")
    func unknown() async throws {
        try await withWeb(Params.self) { web async throws in
            let answer = try await web.get("/wrong/1")
            #expect(answer.status == 500 && !answer.body.contains("key"))
        }
    }
}
