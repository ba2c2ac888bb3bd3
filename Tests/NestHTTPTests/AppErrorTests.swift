import Hummingbird
import NIOCore
import NestHTTP
import NestMessaging
import NestTesting
import Testing

/// Behind it a service is, or is not.
private struct Behind: TransportClient {
    let error: TransportError

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload { throw error }
    func emit(_ message: OutgoingMessage) async throws(TransportError) { throw error }
    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream { throw error }
    func connect() async throws(TransportError) {}
    func close() async {}
    func health() async -> HealthStatus { .up() }
}

private let ways: [TransportError.Code] = [.unauthenticated, .forbidden, .tooLarge]

private struct Gateway: Controller {
    static func make(from resolver: Resolver) -> Gateway { Gateway() }
    static var handlers: [Handler<Gateway>] {
        [
            .get("/conflict") { (_, _: HTTPCall) -> String in throw HTTPError(.conflict, message: "taken") },
            .get("/long") { (_, _: HTTPCall) async throws -> String in throw NIOTooManyBytesError(maxBytes: 1) },
            .get("/channel") { (_, _: HTTPCall) async throws -> String in
                throw ChannelError.connectTimeout(.seconds(1))
            },
            .get("/own/:code") { (_, call: HTTPCall) async throws -> String in
                throw TransportError(.init(rawValue: try call.param("code")), "said by the handler")
            },
            .get("/way/:code") { (_, call: HTTPCall) async throws -> String in
                try await Self.call(TransportError(.init(rawValue: try call.param("code")), "10.0.0.7 says no"))
            },
            .get("/peer/:code") { (_, call: HTTPCall) async throws -> String in
                let code = TransportError.Code(rawValue: try call.param("code"))
                return try await Self.call(
                    TransportError(code, "said by the service", details: nil, origin: .peer))
            },
            .get("/fields") { (_, call: HTTPCall) async throws -> String in
                var response = call.context.response
                response.headers = [
                    .contentLanguage: "de", .contentEncoding: "br", .transferEncoding: "chunked", .eTag: "\"1\"",
                    .cacheControl: "max-age=60", .lastModified: "Thu, 01 Jan 1970 00:00:00 GMT",
                    .retryAfter: "100", .server: "mine",
                ]
                response.setCookie(Cookie(name: "a", value: "1"))
                call.context.response = response
                throw HTTPException.tooManyRequests("slow down", retryAfter: .seconds(3))
            },
        ]
    }

    private static func call(_ error: TransportError) async throws -> String {
        let client = ClientProxy(
            name: "behind", transport: Behind(error: error), guarantees: Guarantees(), system: "test")
        return try await client.send("anything", 1)
    }
}

@Suite("App: errors") struct AppErrorTests {
    @Test("Hummingbird's and NIO's keep their status when a handler throws them")
    func foreign() async throws {
        try await withWeb(Gateway.self) { web async throws in
            let conflict = try await web.get("/conflict")
            #expect(conflict.status == 409 && conflict.json["detail"] == "taken" && conflict.json["code"] == "conflict")
            #expect(try await web.get("/long").status == 413)
            #expect(try await web.get("/channel").status == 500)
        }
    }

    @Test("a gateway's own trouble is not its caller's", arguments: ways)
    func ownTrouble(code: TransportError.Code) async throws {
        try await withWeb(Gateway.self) { web async throws in
            let way = try await web.get("/way/\(code)")
            #expect(way.status == 502 && way.json["code"] == "bad_gateway" && !way.body.contains("10.0.0.7"))
            let status = TransportError(code, "").httpStatus
            let peer = try await web.get("/peer/\(code)")
            #expect(peer.status == status && peer.json["detail"] == "said by the service")
            let own = try await web.get("/own/\(code)")
            #expect(own.status == status && own.json["detail"] == "said by the handler")
        }
    }

    @Test("what was set for success says nothing of an error; the error's own fields win")
    func fields() async throws {
        try await withWeb(Gateway.self) { web async throws in
            let answer = try await web.get("/fields")
            #expect(answer.status == 429 && answer.all("retry-after") == ["3"])
            #expect(answer.all("content-type") == ["application/problem+json"])
            let names = ["content-language", "content-encoding", "transfer-encoding", "etag", "cache-control"]
            #expect((names + ["last-modified"]).allSatisfy { answer[$0] == nil })
            #expect(answer["server"] == "mine" && answer["set-cookie"]?.hasPrefix("a=1") == true)
            #expect(answer.json["detail"] == "slow down")
        }
    }
}
