import NIOCore
import NestHTTP
import Testing

private struct Line: Codable, Sendable {
    var sku: String
    var quantity: Int
}

private struct NewOrder: Codable, Sendable {
    var lines: [Line]
}

private struct Bodies: Controller {
    static func make(from resolver: Resolver) -> Bodies { Bodies() }
    static var handlers: [Handler<Bodies>] {
        [
            .post("/json") { (_, call: HTTPCall) async throws in try await call.body(as: NewOrder.self) },
            .post("/optional") { (_, call: HTTPCall) async throws in try await call.body(as: NewOrder?.self) },
            .post("/raw") { (_, call: HTTPCall) async throws in
                try await call.body(as: ByteBuffer.self).readableBytes
            },
            .post("/text") { (_, call: HTTPCall) async throws in try await call.body(as: String.self) },
            .post("/payload") { (_, call: HTTPCall) async throws in try await call.body(as: Payload.self) },
            .post("/small", options: HTTPHandlerOptions(maxBodySize: 10)) { (_, call: HTTPCall) async throws in
                try await call.body(as: String.self)
            },
            .post("/stream", options: HTTPHandlerOptions(maxBodySize: 64 << 20)) {
                (_, call: HTTPCall) async throws in
                var count = 0
                for try await piece in try call.bodyStream() { count += piece.readableBytes }
                return count
            },
            .post("/echo") { (_, call: HTTPCall) async throws in try call.bodyStream() },
            .post("/unread") { (_, _: HTTPCall) async in "early" },
        ]
    }
}

@Suite("Bodies") struct BodyTests {
    @Test("JSON is decoded")
    func json() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let answer = try await web.post("/json", json: #"{"lines":[{"sku":"a","quantity":2}]}"#)
            #expect(answer.status == 201 && answer.json["lines"]?[0]?["quantity"] == 2)
            let merge = try await web.ask(
                "POST", "/json", headers: ["content-type: application/vnd.x+json; charset=utf-8"],
                body: #"{"lines":[]}"#)
            #expect(merge.status == 201)
            #expect(try await web.post("/payload", json: "[1.50]").body == "[1.50]")
        }
    }

    @Test(
        "what does not fit is a 400 that names the path in the JSON",
        arguments: [
            (#"{"lines":[{"sku":"a","quantity":1},{"sku":"b","quantity":"x"}]}"#, "lines[1].quantity"),
            (#"{"lines":[{"sku":"a"}]}"#, "lines[0].quantity"),
            (#"{"lines":null}"#, "lines"), (#"{"#, ""), ("", ""), ("[]", ""),
        ])
    func unfit(body: String, path: String) async throws {
        try await withWeb(Bodies.self) { web async throws in
            let answer = try await web.post("/json", json: body)
            #expect(answer.status == 400)
            #expect(answer.json["errors"]?[0]?["name"]?.string == path, "\(answer)")
            #expect(answer.json["errors"]?[0]?["in"] == "body")
        }
    }

    @Test("another content type is 415; raw bodies take any; an optional one may be absent")
    func types() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let other = try await web.ask("POST", "/json", headers: ["content-type: text/xml"], body: "<a/>")
            #expect(other.status == 415)
            #expect(try await web.ask("POST", "/raw", headers: ["content-type: x/y"], body: "abc").json == 3)
            #expect(try await web.ask("POST", "/text", body: "hé").body == "hé")
            #expect(try await web.ask("POST", "/optional").json == .null)
        }
    }

    @Test("a body that is announced to be too long is refused before it is read")
    func announced() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /raw HTTP/1.1\r\nhost: t\r\ncontent-length: 99999999999\r\n\r\n")
            let answer = try await peer.lastAnswer()
            #expect(answer.status == 413 && answer["connection"] == "close")
            #expect(answer["content-type"] == "application/problem+json")
            await peer.close()
        }
    }

    @Test("a body that turns out to be too long is refused then, also for a limit of the handler's own")
    func chunked() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /small HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n")
            try await peer.send("8\r\n12345678\r\n")
            try await peer.send("8\r\n12345678\r\n")
            #expect(try await peer.lastAnswer().status == 413)
            #expect(try await web.ask("POST", "/small", body: "1234567890").body == "1234567890")
            await peer.close()
        }
    }

    @Test("a peer that asks for leave to send gets it only when its body is wanted")
    func expectations() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let peer = try await web.connect()
            let head = "POST /text HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\n"
            try await peer.send("\(head)content-length: 2\r\n\r\n")
            try await peer.eventually("leave") { $0.text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\n") }
            try await peer.send("ok")
            try await peer.eventually("the answer") { $0.text.hasSuffix("\r\n\r\nok") }
            try await peer.send("\(head)content-length: 99999999\r\n\r\n")
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.text.contains("HTTP/1.1 413"))
            #expect(seen.text.matches(of: /100 Continue/).count == 1)
            await peer.close()
        }
    }

    @Test("a body is streamed, with the sender held back")
    func streamed() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let body = String(repeating: "x", count: 8 << 20)
            #expect(try await web.ask("POST", "/stream", body: body).json == .number(JSONNumber(8 << 20)))
        }
    }

    @Test("bytes can go back while they come")
    func echo() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n")
            try await peer.eventually("the first piece") { $0.text.contains("one") }
            try await peer.send("3\r\ntwo\r\n0\r\n\r\n")
            try await peer.eventually("the second piece") { $0.text.contains("two\r\n0\r\n\r\n") }
            await peer.close()
        }
    }

    @Test("an answer before a short body keeps the connection, one before a long body ends it")
    func unread() async throws {
        try await withWeb(Bodies.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("POST /unread HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\n")
            try await peer.eventually("the answer") { $0.text.hasSuffix("early") }
            try await peer.send("restPOST /text HTTP/1.1\r\nhost: t\r\ncontent-length: 4\r\n\r\nnext")
            try await peer.eventually("the next answer") { $0.text.hasSuffix("\r\n\r\nnext") }
            try await peer.send("POST /unread HTTP/1.1\r\nhost: t\r\ncontent-length: 9999999\r\n\r\n")
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.text.contains("Connection: close"))
            await peer.close()
        }
    }
}
