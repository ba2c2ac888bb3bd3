import NestHTTP
import NestMemory
import NestTesting
import Testing

private struct Both: Controller {
    static func make(from resolver: Resolver) -> Both { Both() }
    static var handlers: [Handler<Both>] {
        [
            .get("/sum") { (_, _: HTTPCall) in 3 },
            .message("sum") { (_, numbers: [Int], _) in numbers.reduce(0, +) },
        ]
    }
}

private struct Nobody: Guard {
    func canActivate(_ context: ExecutionContext) async throws -> Bool { false }
}

@Suite("App: globals") struct AppGlobalsTests {
    @Test(
        "what is global stands around the fronts that inherit it",
        arguments: [(true, true), (true, false), (false, true), (false, false)])
    func inherits(http: Bool, messages: Bool) async throws {
        let bus = MemoryBus()
        var options = HTTPOptions(port: 0)
        options.inheritsGlobals = http
        var service = MicroserviceOptions(name: "service")
        service.inheritsGlobals = messages
        let module = DynamicModule(EmptyModule.self, controllers: [Both.self])
        let app = try await NestFactory.create(EmptyModule.self, modules: [module], options: options)
        try app.useGlobalGuards(Nobody()).connectMicroservice(.memory(bus), options: service)
        try await app.start()
        let port = try #require(app.endpoints.compactMap(\.port).first)
        #expect(try await Peer.connect(to: port).ask("GET", "/sum").status == (http ? 403 : 200))
        let client = try ClientProxy(ClientConfig("sum", transport: .memory(bus)))
        let answer = await Task { try await client.send("sum", [1, 2], as: Int.self) }.result
        switch answer {
        case .success(let sum): #expect(sum == 3 && !messages)
        case .failure(let error): #expect((error as? TransportError)?.code == .forbidden && messages)
        }
        await client.close()
        await app.close()
    }
}
