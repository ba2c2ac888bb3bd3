import HummingbirdCore
import NIOCore
import NestHTTP
import NestTesting
import Synchronization
import Testing

private let living = Watched(0)

/// A request's own; knows how many of it there are.
private final class Visit: Injectable {
    static var scope: Scope { .request }
    static var dependencies: [Dependency] { [Dependency(HTTPContext.self)] }
    let context: HTTPContext

    init(_ context: HTTPContext) {
        self.context = context
        living.update { $0 += 1 }
    }

    deinit { living.update { $0 -= 1 } }

    static func make(from resolver: Resolver) async throws -> Visit { Visit(try await resolver.resolve()) }
}

private final class Late: Sendable {
    let context = Mutex<HTTPContext?>(nil)
}

private let late = Late()

private struct Visits: Controller {
    static func make(from resolver: Resolver) -> Visits { Visits() }
    static var handlers: [Handler<Visits>] {
        [
            .get("/late") { (_, call: HTTPCall) async throws -> HummingbirdResponse in
                HummingbirdResponse(status: .ok, body: Self.body(call, nil))
            },
            .get("/early") { (_, call: HTTPCall) async throws -> HummingbirdResponse in
                HummingbirdResponse(
                    status: .ok, body: Self.body(call, try await call.context.resolve(Visit.self, named: nil)))
            },
            .get("/kept") { (_, call: HTTPCall) async throws -> String in
                late.context.withLock { $0 = call.context }
                return "kept"
            },
        ]
    }

    private static func body(_ call: HTTPCall, _ early: Visit?) -> ResponseBody {
        let earlier = early.map { ObjectIdentifier($0) }
        return ResponseBody { writer in
            let (first, second): (Visit, Visit) = (
                try await call.context.resolve(), try await call.context.resolve()
            )
            let isSame = first === second && (earlier ?? ObjectIdentifier(first)) == ObjectIdentifier(first)
            try await writer.write(ByteBuffer(string: "\(isSame)"))
            try await writer.finish(nil)
        }
    }
}

@Suite("App: request scope", .serialized) struct AppScopeTests {
    @Test("a body that is written later has the request's objects, and they go with it", arguments: ["late", "early"])
    func streams(path: String) async throws {
        try await withWeb(Visits.self, providers: [Provider(Visit.self)]) { web async throws in
            #expect(try await web.get("/\(path)").body == "true")
            #expect(try await web.ask("HEAD", "/\(path)").status == 200)
        }
        try await living.eventually(within: .seconds(10), "no object is left") { $0 == 0 }
    }

    @Test("who keeps a context gets nothing more out of it")
    func kept() async throws {
        try await withWeb(Visits.self, providers: [Provider(Visit.self)]) { web async throws in
            #expect(try await web.get("/kept").body == "kept")
            let context = try #require(late.context.withLock { $0.take() })
            await #expect(throws: ApplicationError.self) {
                let _: Visit = try await context.resolve()
            }
        }
        #expect(living.value == 0)
    }
}
