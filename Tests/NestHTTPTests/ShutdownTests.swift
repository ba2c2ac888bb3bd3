import NestHTTP
import NestTesting
import Testing

private struct Held: Injectable {
    let gate = Gate()
    static func make(from resolver: Resolver) -> Held { Held() }
}

private struct Work: Controller {
    static var dependencies: [Dependency] { [Dependency(Held.self)] }
    let held: Held

    static func make(from resolver: Resolver) async throws -> Work { Work(held: try await resolver.resolve()) }
    static var handlers: [Handler<Work>] {
        [
            .get("/work") { (work, _: HTTPCall) async throws -> String in
                try await work.held.gate.pass()
                return "done"
            },
            .get("/stubborn") { (work, _: HTTPCall) async throws -> String in
                await Task { try? await work.held.gate.pass() }.value
                return "done"
            },
            .get("/quick") { (_, _: HTTPCall) in "quick" },
        ]
    }
}

private let provider = [Provider(Held.self)]
private let export = [ModuleExport(Held.self)]
private let work = "GET /work HTTP/1.1\r\nhost: t\r\n\r\n"

@Suite("Shutdown") struct ShutdownTests {
    @Test("what was taken is answered, with goodbye; idle connections are closed; nobody new gets in")
    func graceful() async throws {
        try await withWeb(Work.self, providers: provider, exports: export) { web async throws in
            let gate = try web.app.get(Held.self).gate
            let (idle, busy) = (try await web.connect(), try await web.connect())
            try await idle.send("GET /quick HTTP/1.1\r\nhost: t\r\n\r\n")
            try await idle.eventually("an answer") { $0.text.contains("quick") }
            try await busy.send(work + work)
            try await gate.eventuallyHolds(1)
            async let end: Void = web.app.close()
            try await idle.eventually("the idle connection's end") { $0.isClosed }
            #expect(!busy.received.value.isClosed)
            gate.open()
            let seen = try await busy.eventually("the busy connection's end") { $0.isClosed }
            #expect(seen.text.matches(of: /\r\n\r\ndone/).count == 2)
            #expect(seen.text.matches(of: /Connection: close/).count == 1)
            await end
            await #expect(throws: (any Error).self) { _ = try await web.connect() }
        }
    }

    @Test("handlers that take longer than they may are cancelled: 503, and the application ends")
    func bounded() async throws {
        var options = HTTPOptions()
        options.shutdownTimeout = .milliseconds(100)
        try await withWeb(Work.self, providers: provider, exports: export, options: options) { web async throws in
            let gate = try web.app.get(Held.self).gate
            let peer = try await web.connect()
            try await peer.send(work)
            try await gate.eventuallyHolds(1)
            try await within(.seconds(10), "closing") { await web.app.close() }
            try await peer.eventually("the end") { $0.isClosed }
        }
    }

    @Test("a handler that takes no notice of anything cannot hold the end")
    func stubborn() async throws {
        var options = HTTPOptions()
        options.shutdownTimeout = .zero
        try await withWeb(Work.self, providers: provider, exports: export, options: options) { web async throws in
            let gate = try web.app.get(Held.self).gate
            let peer = try await web.connect()
            try await peer.send("GET /stubborn HTTP/1.1\r\nhost: t\r\n\r\n")
            try await gate.eventuallyHolds(1)
            try await within(.seconds(10), "closing") { await web.app.close() }
            gate.open()
        }
    }

    @Test("readiness tells no while the drain goes on, and requests are still answered")
    func drain() async throws {
        var options = HTTPOptions()
        options.drainDelay = .seconds(2)
        try await withWeb(
            Work.self, providers: provider, exports: export, options: options,
            configure: { try $0.enableReadinessCheck() }
        ) { web async throws in
            #expect(try await web.get("/health/ready").status == 200)
            async let end: Void = web.app.close()
            try await within(.seconds(2), "readiness") {
                while web.app.isReady { await Task.yield() }
            }
            let ready = try await web.get("/health/ready")
            #expect(ready.status == 503 && ready.json["status"] == "error")
            #expect(try await web.get("/quick").status == 200)
            await end
        }
    }
}
