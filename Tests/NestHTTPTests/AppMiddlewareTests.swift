import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import NestHTTP
import Testing

private struct Pages: Controller {
    static func make(from resolver: Resolver) -> Pages { Pages() }
    static var handlers: [Handler<Pages>] {
        [
            .get("/page") { (_, _: HTTPCall) in "page" },
            .options("/page") { (_, _: HTTPCall) in HTTPReply(["post"], headers: [.allow: "GET"]) },
            .head("/sized") { (_, _: HTTPCall) in
                HummingbirdResponse(status: .ok, headers: [.contentLength: "1234"])
            },
            .get("/lying") { (_, call: HTTPCall) async throws -> String in
                call.context.response.headers[.contentLength] = "100"
                return "four"
            },
        ]
    }
}

/// Throws what the request asks for.
private struct Refusal: RouterMiddleware {
    @concurrent
    func handle(
        _ request: HummingbirdRequest, context: HTTPRequestContext,
        next: @concurrent (HummingbirdRequest, HTTPRequestContext) async throws -> HummingbirdResponse
    ) async throws -> HummingbirdResponse {
        switch request.headers[.authorization] {
        case "hummingbird": throw HTTPError(.unauthorized, message: "who are you")
        case "nest": throw HTTPException.tooManyRequests("slow down", retryAfter: .seconds(3))
        default: return try await next(request, context)
        }
    }
}

@Suite("App: middleware") struct AppMiddlewareTests {
    private func withPages(
        cors: CORSOptions? = nil, files: Bool = false, _ body: (Web, String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nest-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("some text".utf8).write(to: folder.appending(path: "file.txt"))
        try await withWeb(
            Pages.self,
            configure: { app in
                if let cors { try app.enableCORS(cors) }
                if files { try app.use(FileMiddleware<HTTPRequestContext, LocalFileSystem>(folder.path())) }
                try app.use(Refusal())
            }
        ) { try await body($0, folder.path()) }
    }

    @Test("what middleware throws keeps its status, with CORS' fields")
    func thrown() async throws {
        try await withPages(cors: CORSOptions(origins: .asking)) { web, _ async throws in
            let origin = "origin: https://a.example"
            let refused = try await web.get("/page", headers: [origin, "authorization: hummingbird"])
            #expect(refused.status == 401 && refused.json["detail"] == "who are you")
            #expect(refused["access-control-allow-origin"] == "https://a.example")
            let slow = try await web.get("/page", headers: [origin, "authorization: nest"])
            #expect(slow.status == 429 && slow["retry-after"] == "3" && slow.json["code"] == "overloaded")
            #expect(slow["content-type"] == "application/problem+json")
            #expect(slow["access-control-allow-origin"] == "https://a.example")
        }
    }

    @Test("OPTIONS reaches its handler beside CORS, unless a browser asks")
    func options() async throws {
        try await withPages(cors: CORSOptions(origins: .asking)) { web, _ async throws in
            let origin = "origin: https://a.example"
            let answer = try await web.ask("OPTIONS", "/page", headers: [origin])
            #expect(answer.status == 200 && answer.body == #"["post"]"# && answer["allow"] == "GET")
            #expect(answer["access-control-allow-origin"] == "https://a.example")
            let asked = try await web.ask(
                "OPTIONS", "/page", headers: [origin, "access-control-request-method: PUT"])
            #expect(asked.status == 204 && asked["access-control-allow-methods"]?.contains("PUT") == true)
        }
    }

    @Test("files are served where nothing else is; HEAD tells their length")
    func files() async throws {
        try await withPages(files: true) { web, _ async throws in
            let file = try await web.get("/file.txt")
            #expect(file.status == 200 && file.body == "some text" && file.all("content-length") == ["9"])
            let head = try await web.ask("HEAD", "/file.txt")
            #expect(head.status == 200 && head.all("content-length") == ["9"] && head.body.isEmpty)
            #expect(try await web.get("/page").body == "page")
            let missing = try await web.get("/none.txt")
            #expect(missing.status == 404 && missing["content-type"] == "application/problem+json")
            #expect(missing.json["detail"] == "there is nothing at `GET /none.txt`")
            #expect(try await web.ask("POST", "/page").status == 405)
        }
    }

    @Test("a handler of HEAD tells a length, one of GET does not decide it")
    func lengths() async throws {
        try await withPages { web, _ async throws in
            #expect(try await web.ask("HEAD", "/sized").all("content-length") == ["1234"])
            #expect(try await web.get("/lying").all("content-length") == ["4"])
            #expect(try await web.get("/lying").body == "four")
        }
    }

    @Test("credentials for everybody are an error at the start")
    func credentials() async throws {
        var cors = CORSOptions(origins: .all)
        cors.allowsCredentials = true
        let error = await #expect(throws: TransportError.self) {
            try await withPages(cors: cors) { _, _ in }
        }
        #expect(error?.code == .invalidConfiguration)
    }
}
