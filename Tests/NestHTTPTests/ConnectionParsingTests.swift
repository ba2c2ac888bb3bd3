import NIOCore
import NestHTTP
import NestTesting
import Testing

private struct Plain: Controller {
    static func make(from resolver: Resolver) -> Plain { Plain() }
    static var handlers: [Handler<Plain>] {
        [
            .get("/quick") { (_, _: HTTPCall) in "quick" },
            .get("/pieces") { (_, _: HTTPCall) async in
                AsyncStream<ByteBuffer> { continuation in
                    continuation.yield(ByteBuffer(string: "one"))
                    continuation.yield(ByteBuffer(string: "two"))
                    continuation.finish()
                }
            },
            .post("/text") { (_, call: HTTPCall) async throws in try await call.body(as: String.self) },
        ]
    }
}

/// What a head says beyond its route.
@Suite("Connections: heads") struct ConnectionParsingTests {
    @Test(
        "what is no use here is refused, and the connection ends",
        arguments: [
            ("GET /quick HTTP/1.1", [], 400), ("GET /quick HTTP/1.1", ["host: a", "host: a"], 400),
            ("GET /quick HTTP/1.1", ["host: a b"], 400), ("GET /quick HTTP/1.1", ["host: a/b"], 400),
            ("GET /quick HTTP/1.1", ["host: a:b"], 400), ("GET /quick HTTP/1.1", ["host: [::1"], 400),
            ("CONNECT a:80 HTTP/1.1", ["host: a:80"], 501),
            ("POST /text HTTP/1.1", ["host: a", "transfer-encoding: "], 400),
            ("POST /text HTTP/1.1", ["host: a", "transfer-encoding: identity, chunked"], 400),
            ("POST /text HTTP/1.1", ["host: a", "transfer-encoding: chunked, chunked"], 400),
            ("POST /text HTTP/1.1", ["host: a", "transfer-encoding: gzip, chunked"], 501),
            ("POST /text HTTP/1.1", ["host: a", "transfer-encoding: gzip"], 501),
            ("POST /text HTTP/1.1", ["host: a", "content-length: 9999999999999999999"], 413),
        ])
    func refused(line: String, fields: [String], status: Int) async throws {
        try await withWeb(Plain.self) { web async throws in
            let peer = try await web.connect()
            let head = ([line] + fields).map { $0 + "\r\n" }.joined() + "\r\n"
            try await peer.send("GET /quick HTTP/1.1\r\nhost: t\r\n\r\n" + head)
            let seen = try await peer.eventually("the end") { $0.isClosed }.text
            let answers = seen.split(separator: "quick", maxSplits: 1)
            let answer = Answer(String(try #require(answers.last)))
            #expect(answers.count == 2 && answer.status == status, "\(seen)")
            #expect(answer["content-type"] == "application/problem+json" && answer["connection"] == "close")
            await peer.close()
        }
    }

    @Test("hosts are names and addresses", arguments: ["a", "a.b:80", "127.0.0.1:8080", "[::1]:80", "[::1]", "a_b"])
    func hosts(host: String) async throws {
        try await withWeb(Plain.self) { web async throws in
            let peer = try await web.connect()
            try await peer.send("GET /quick HTTP/1.1\r\nHost: \(host)\r\nconnection: close\r\n\r\n")
            #expect(try await peer.lastAnswer().status == 200)
            await peer.close()
        }
    }

    @Test("what follows a request that asks for another protocol is not kept, and the connection ends")
    func upgrade() async throws {
        try await withWeb(Plain.self) { web async throws in
            let peer = try await web.connect()
            let fields = "host: t\r\nconnection: keep-alive, Upgrade\r\nupgrade: h2c\r\n"
            try await peer.send(
                "POST /text HTTP/1.1\r\n\(fields)content-length: 2\r\n\r\nokGET /quick HTTP/1.1\r\nhost: t\r\n\r\n")
            let answer = try await peer.lastAnswer()
            #expect(answer.status == 201 && answer.body == "ok" && answer["connection"] == "close")
            await peer.close()
        }
    }

    @Test("nothing is served after the request that was to be the last")
    func afterTheLast() async throws {
        try await withWeb(Plain.self) { web async throws in
            let peer = try await web.connect()
            let next = "GET /quick HTTP/1.1\r\nhost: t\r\n\r\ngarbage\r\n\r\n"
            try await peer.send("GET /quick HTTP/1.1\r\nhost: t\r\nconnection: close, x\r\n\r\n" + next)
            let seen = try await peer.eventually("the end") { $0.isClosed }.text
            #expect(seen.matches(of: /HTTP\/1.1/).count == 1, "\(seen)")
            await peer.close()
        }
    }

    @Test("a peer of HTTP/1.0 needs no host, gets no chunks and no leave, and then the end")
    func oldPeers() async throws {
        try await withWeb(Plain.self) { web async throws in
            let stream = try await web.connect()
            try await stream.send("GET /pieces HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            let pieces = try await stream.lastAnswer()
            #expect(pieces.status == 200 && pieces.body == "onetwo" && pieces["transfer-encoding"] == nil)
            #expect(pieces["connection"] == "close")
            let body = try await web.connect()
            try await body.send("POST /text HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nok")
            #expect(try await body.lastAnswer().status == 201)
            await stream.close()
            await body.close()
        }
    }

    @Test("the server as such has no options")
    func star() async throws {
        try await withWeb(Plain.self) { web async throws in
            #expect(try await web.ask("OPTIONS", "*").status == 204)
        }
    }
}
