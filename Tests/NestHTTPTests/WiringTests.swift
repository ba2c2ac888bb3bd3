import NestHTTP
import Testing

private struct Twice: Controller {
    static var path: String { "/twice" }
    static func make(from resolver: Resolver) -> Twice { Twice() }
    static var handlers: [Handler<Twice>] {
        [
            .get("/:id", name: "first") { (_, _: HTTPCall) in 1 },
            .get("/:key", name: "second") { (_, _: HTTPCall) in 2 },
            .post("/:id", name: "other") { (_, _: HTTPCall) in 3 },
            .get("/:a/:a", name: "same") { (_, _: HTTPCall) in 4 },
            .get("/*rest/x", name: "early") { (_, _: HTTPCall) in 5 },
        ]
    }
}

private struct Limits: Controller {
    static func make(from resolver: Resolver) -> Limits { Limits() }
    static var handlers: [Handler<Limits>] {
        [
            .get("/a", name: "none", options: HTTPHandlerOptions(timeout: .zero)) { (_, _: HTTPCall) in 1 },
            .get("/b", name: "long", options: HTTPHandlerOptions(timeout: .seconds(90_000))) { (_, _: HTTPCall) in 1 },
            .post("/c", name: "less", options: HTTPHandlerOptions(maxBodySize: -1)) { (_, _: HTTPCall) in 1 },
            .post("/d", name: "fine", options: HTTPHandlerOptions(maxBodySize: 0)) { (_, _: HTTPCall) in 1 },
        ]
    }
}

private struct Placed: Controller {
    static func make(from resolver: Resolver) -> Placed { Placed() }
    static var handlers: [Handler<Placed>] {
        [
            .get("/health/live", name: "live") { (_, _: HTTPCall) in 1 },
            .get("/orders/:id", name: "order") { (_, _: HTTPCall) in 1 },
            .post("/health/ready", name: "post") { (_, _: HTTPCall) in 1 },
        ]
    }
}

@Suite("Wiring") struct WiringTests {
    @Test("handlers that cannot work are told before anything is made, all at once")
    func problems() async throws {
        let module = DynamicModule(EmptyModule.self, controllers: [Twice.self])
        let error = await #expect(throws: WiringError.self) {
            _ = try await NestFactory.create(EmptyModule.self, modules: [module])
        }
        let problems = try #require(error).problems
        #expect(problems.count == 3)
        #expect(problems.contains { $0.contains("Twice.second and Twice.first both answer `GET /twice/:key`") })
        #expect(problems.contains { $0.contains("two parameters of the same name") })
        #expect(problems.contains { $0.contains("`*` must be the last segment") })
    }

    @Test("limits of handlers that cannot work")
    func limits() async throws {
        let module = DynamicModule(EmptyModule.self, controllers: [Limits.self])
        let error = await #expect(throws: WiringError.self) {
            _ = try await NestFactory.create(EmptyModule.self, modules: [module])
        }
        let problems = try #require(error).problems
        #expect(problems.count == 3)
        for name in ["Limits.none", "Limits.long", "Limits.less"] {
            #expect(problems.contains { $0.hasPrefix("\(name): ") }, "\(name)")
        }
    }

    private func problems(_ configure: @escaping (NestApplication) throws -> Void) async throws -> [String] {
        do {
            try await withWeb(Placed.self, configure: configure) { _ in }
            return []
        } catch let error as WiringError {
            return error.problems
        }
    }

    @Test("prefix and probes that cannot work are told at the start")
    func placed() async throws {
        #expect(try await problems { try $0.setGlobalPrefix("api", exclude: ["/orders/:key"]) } == [])
        #expect(try await problems { try $0.setGlobalPrefix("api").enableHealthCheck().enableReadinessCheck() } == [])
        let shadow = try await problems { try $0.enableHealthCheck().enableReadinessCheck() }
        #expect(shadow == ["Placed.live and a health check both answer `GET /health/live`"])
        let twice = try await problems { try $0.enableHealthCheck("/up").enableReadinessCheck("up") }
        #expect(twice == ["two health checks both answer `GET /up`"])
        let unknown = try await problems { try $0.setGlobalPrefix("api", exclude: ["/order/:id"]) }
        #expect(unknown == ["the prefix `api` excludes `/order/:id`, and no handler has this path"])
        let name = try await problems { try $0.setGlobalPrefix("shops/:id") }
        #expect(name.count == 1 && name[0].contains("Placed.order") && name[0].contains("the same name"))
    }

    @Test("options that cannot work are refused")
    func options() async throws {
        var options = HTTPOptions()
        options.requestTimeout = .zero
        let error = await #expect(throws: TransportError.self) {
            _ = try await NestFactory.create(EmptyModule.self, options: options)
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("a port in use is told by its number, and settings come before the start")
    func portInUse() async throws {
        try await withWeb(Twin.self) { web async throws in
            let other = try await NestFactory.create(EmptyModule.self, options: HTTPOptions(port: web.port))
            let error = await #expect(throws: TransportError.self) { try await other.start() }
            #expect(error?.code == .addressInUse)
            #expect(throws: ApplicationError.self) { try web.app.setGlobalPrefix("late") }
        }
    }
}

private struct Twin: Controller {
    static func make(from resolver: Resolver) -> Twin { Twin() }
    static var handlers: [Handler<Twin>] { [] }
}
