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
