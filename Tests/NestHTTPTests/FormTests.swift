import NIOCore
import NestHTTP
import Testing

private struct Upload: Decodable, Sendable {
    var title: String
    var tags: [String]?
    var file: UploadedFile?
}

private struct Login: Codable, Sendable {
    var user: String
    var remember: Bool?
}

private struct Forms: Controller {
    static func make(from resolver: Resolver) -> Forms { Forms() }
    static var handlers: [Handler<Forms>] {
        [
            .post("/login") { (_, call: HTTPCall) async throws in try await call.form(as: Login.self) },
            .post("/upload", options: HTTPHandlerOptions(maxBodySize: 100_000)) {
                (_, call: HTTPCall) async throws -> String in
                let form = try await call.form(as: Upload.self)
                let file = form.file.map { "\($0.filename) \($0.contentType ?? "-") \(String(buffer: $0.data))" }
                return "\(form.title)|\(form.tags ?? [])|\(file ?? "none")"
            },
        ]
    }
}

@Suite("Forms") struct FormTests {
    private let type = "content-type: multipart/form-data; boundary=XX"

    private func part(_ disposition: String, _ content: String, type: String? = nil) -> String {
        let type = type.map { "Content-Type: \($0)\r\n" } ?? ""
        return "--XX\r\nContent-Disposition: form-data; \(disposition)\r\n\(type)\r\n\(content)\r\n"
    }

    @Test("urlencoded")
    func urlencoded() async throws {
        try await withWeb(Forms.self) { web async throws in
            let type = ["content-type: application/x-www-form-urlencoded"]
            let answer = try await web.ask("POST", "/login", headers: type, body: "user=J%C3%B6+X&remember=true")
            #expect(answer.json["user"] == "Jö X" && answer.json["remember"] == true)
            let unfit = try await web.ask("POST", "/login", headers: type, body: "remember=true")
            #expect(unfit.status == 400 && unfit.json["errors"]?[0]?["name"] == "user")
            #expect(try await web.ask("POST", "/login", headers: type, body: "user=%zz").status == 400)
            #expect(try await web.post("/login", json: "{}").status == 415)
        }
    }

    @Test("multipart with a file")
    func multipart() async throws {
        let body =
            part(#"name="title""#, "Menu") + part(#"name="tags""#, "a") + part(#"name="tags""#, "b")
            + part(#"name="file"; filename="a\"b.txt""#, "line\r\n--X not yet\r\n", type: "text/plain") + "--XX--\r\n"
        try await withWeb(Forms.self) { web async throws in
            let answer = try await web.ask("POST", "/upload", headers: [type], body: body)
            #expect(answer.body == "Menu|[\"a\", \"b\"]|a\"b.txt text/plain line\r\n--X not yet\r\n")
        }
    }

    @Test("what is no form, is cut short or is too long is refused")
    func refused() async throws {
        try await withWeb(Forms.self) { web async throws in
            let short = try await web.ask("POST", "/upload", headers: [type], body: part(#"name="title""#, "Menu"))
            #expect(short.status == 400 && short.json["detail"]?.string?.contains("last boundary") == true)
            let nameless = try await web.ask("POST", "/upload", headers: [type], body: part("x=1", "y") + "--XX--")
            #expect(nameless.status == 400)
            let none = try await web.ask("POST", "/upload", headers: ["content-type: multipart/form-data"], body: "")
            #expect(none.status == 400)
            let long = String(repeating: "x", count: 200_000)
            let tooLong = try await web.ask("POST", "/upload", headers: [type], body: part(#"name="title""#, long))
            #expect(tooLong.status == 413)
        }
    }
}
