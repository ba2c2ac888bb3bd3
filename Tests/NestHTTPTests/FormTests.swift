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

private struct Person: Codable, Sendable {
    var name: String?
    var age: Int?
    var isMember: Bool?
}

private struct Files: Decodable, Sendable {
    var needed: UploadedFile
}

private struct Forms: Controller {
    static func make(from resolver: Resolver) -> Forms { Forms() }
    static var handlers: [Handler<Forms>] {
        [
            .post("/person") { (_, call: HTTPCall) async throws in try await call.form(as: Person.self) },
            .post("/files") { (_, call: HTTPCall) async throws in try await call.form(as: Files.self).needed.filename },
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

    @Test("a field that is there and empty is none, but for text; a checkbox says on")
    func emptyFields() async throws {
        try await withWeb(Forms.self) { web async throws in
            let type = ["content-type: application/x-www-form-urlencoded"]
            let answer = try await web.ask("POST", "/person", headers: type, body: "name=&age=&isMember=on")
            #expect(answer.status == 201 && answer.json["name"] == "" && answer.json["age"] == nil)
            #expect(answer.json["isMember"] == true)
            let off = try await web.ask("POST", "/person", headers: type, body: "age=7&isMember=off")
            #expect(off.json["age"] == 7 && off.json["isMember"] == false)
        }
    }

    @Test("names of files may have anything in quotes")
    func filenames() async throws {
        let type = type
        try await withWeb(Forms.self) { web async throws in
            for (written, name) in [
                (#"a;b=c.txt"#, "a;b=c.txt"), (#"ü;\".txt"#, #"ü;".txt"#), (#"C:\temp\a.txt"#, #"C:\temp\a.txt"#),
                ("a\u{301};x", "a\u{301};x"),
            ] {
                let body = part(#"name="needed"; filename="\#(written)"; size=1"#, "x") + "--XX--\r\n"
                let answer = try await web.ask("POST", "/files", headers: [type], body: body)
                #expect(answer.status == 201 && answer.body == name, "\(answer)")
            }
        }
    }

    @Test("a file that was not chosen is none")
    func unchosen() async throws {
        let type = type
        try await withWeb(Forms.self) { web async throws in
            let file = part(#"name="file"; filename="""#, "", type: "application/octet-stream")
            let answer = try await web.ask(
                "POST", "/upload", headers: [type], body: part(#"name="title""#, "Menu") + file + "--XX--\r\n")
            #expect(answer.body == "Menu|[]|none")
            let needed = part(#"name="needed"; filename="""#, "") + "--XX--\r\n"
            let refused = try await web.ask("POST", "/files", headers: [type], body: needed)
            #expect(refused.status == 400 && refused.json["errors"]?[0]?["name"] == "needed")
        }
    }

    @Test("a form has a bounded number of fields, separated by bytes")
    func count() async throws {
        try await withWeb(Forms.self) { web async throws in
            let type = ["content-type: application/x-www-form-urlencoded"]
            let many = String(repeating: "x=1&", count: 1_000)
            let refused = try await web.ask("POST", "/login", headers: type, body: many + "user=a")
            #expect(refused.status == 400 && refused.json["detail"]?.string?.contains("1,000") == true)
            // A mark that goes with the sign before it would hide the sign from a reader of characters.
            let marks = try await web.ask("POST", "/login", headers: type, body: "x=\u{301}&\u{301}=2&user=\u{301}a")
            #expect(marks.json["user"] == "\u{301}a")
        }
    }

    @Test("a compressed body is refused")
    func compressed() async throws {
        try await withWeb(Forms.self) { web async throws in
            let type = ["content-type: application/x-www-form-urlencoded", "content-encoding: gzip"]
            let refused = try await web.ask("POST", "/login", headers: type, body: "user=a")
            #expect(refused.status == 415 && refused["accept-encoding"] == "identity")
            #expect(refused.json["code"] == "unsupported_media_type")
            let multipart = try await web.ask("POST", "/upload", headers: [self.type, type[1]], body: "--XX--")
            #expect(multipart.status == 415)
            let plain = ["content-type: application/x-www-form-urlencoded", "content-encoding: identity"]
            #expect(try await web.ask("POST", "/login", headers: plain, body: "user=a").status == 201)
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
