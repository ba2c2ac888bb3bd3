import NestHTTP
import NestMemory
import NestTesting
import Synchronization
import Testing

private struct Nothing: Controller {
    static func make(from resolver: Resolver) -> Nothing { Nothing() }
    static var handlers: [Handler<Nothing>] {
        [
            .get("/:any") { (_, _: HTTPCall) in "any" },
            .message("sum") { (_, numbers: [Int], _) in numbers.reduce(0, +) },
        ]
    }
}

@Suite("Health") struct HealthTests {
    @Test("probes answer 200 and 503, before routes that would take them, without prefix")
    func probes() async throws {
        let isUp = Mutex(true)
        let disk = CustomHealth("disk") { isUp.withLock { $0 } ? .up(["free": "7"]) : .down(["free": "0"]) }
        try await withWeb(
            Nothing.self,
            configure: {
                try $0.setGlobalPrefix("api").enableHealthCheck("/live").enableReadinessCheck("/ready", [disk])
            }
        ) { web async throws in
            let live = try await web.get("/live")
            #expect(live.status == 200 && live.body == #"{"status":"ok","info":{},"error":{},"details":{}}"#)
            #expect(live["cache-control"] == "no-store")
            let ready = try await web.get("/ready")
            #expect(ready.status == 200 && ready.json["info"]?["disk"]?["free"] == "7")
            isUp.withLock { $0 = false }
            try await within(.seconds(10), "the cache to age") {
                while try await web.get("/ready").status == 200 { await Task.yield() }
            }
            #expect(try await web.get("/ready").json["error"]?["disk"]?["status"] == "down")
            #expect(try await web.ask("HEAD", "/live").status == 200)
            #expect(try await web.ask("POST", "/live").status == 405)
        }
    }

    @Test("one process answers messages and HTTP")
    func hybrid() async throws {
        let bus = MemoryBus()
        let module = DynamicModule(EmptyModule.self, controllers: [Nothing.self])
        let service = try await NestFactory.createMicroservice(
            EmptyModule.self, transport: .memory(bus), modules: [module])
        try service.alsoListenHTTP(port: 0) { try $0.enableReadinessCheck() }
        try await service.start()
        let port = try #require(service.endpoints.compactMap(\.port).first)
        #expect(try await Peer.connect(to: port).ask("GET", "/x").body == "any")
        #expect(try await Peer.connect(to: port).ask("GET", "/health/ready").status == 200)
        #expect(await service.health().count == 2)
        await service.close()
    }
}
