import NestMemory
import NestMessaging
import Testing

@Suite("ClientsModule") struct ClientsModuleTests {
    private let bus = MemoryBus()

    private struct Front: Injectable {
        let orders: ClientProxy
        static var dependencies: [Dependency] { [Dependency(ClientProxy.self, named: "ORDERS")] }
        static func make(from resolver: Resolver) async throws -> Front {
            Front(orders: try await resolver.resolve(named: "ORDERS"))
        }
    }

    private struct Only: Injectable {
        let client: ClientProxy
        static var dependencies: [Dependency] { [Dependency(ClientProxy.self)] }
        static func make(from resolver: Resolver) async throws -> Only { Only(client: try await resolver.resolve()) }
    }

    private func app(
        _ clients: DynamicModule, _ providers: [Provider], exports: [ModuleExport] = [ModuleExport(Front.self)]
    ) async throws -> Microservice {
        try await NestFactory.createMicroservice(
            Root.self, transport: .memory(bus),
            modules: [
                DynamicModule(
                    Part.self, imports: [ModuleImport(clients)], providers: providers, controllers: [Pinger.self],
                    exports: [ModuleExport(ClientsService.self)] + exports)
            ])
    }

    @Test("a client is injected by its name and closed with the application")
    func named() async throws {
        let app = try await app(.clients([.memory("ORDERS", bus), .memory("OTHER", bus)]), [Provider(Front.self)])
        try await app.start()
        let front = try app.get(Front.self)
        #expect(front.orders.name == "ORDERS")
        let reply: String = try await front.orders.send("ping", NoPayload())
        #expect(reply == "pong")
        await app.close()
        do {
            try await front.orders.send("ping", NoPayload())
            Issue.record("answered")
        } catch {
            #expect(error.code == .closed)
        }
    }

    @Test("the only client is injected without a name too")
    func only() async throws {
        let app = try await app(
            .clients([.memory("ORDERS", bus)]), [Provider(Only.self)], exports: [ModuleExport(Only.self)])
        #expect(try app.get(Only.self).client.name == "ORDERS")
        await app.close()
    }

    @Test("a name that nobody registered fails the start")
    func unknown() async throws {
        do {
            _ = try await app(.clients([.memory("ORDER", bus), .memory("OTHER", bus)]), [Provider(Front.self)])
            Issue.record("started")
        } catch let error as WiringError {
            #expect(error.problems.count == 1)
            #expect(error.description.contains("ORDERS"))
            #expect(error.description.contains("there is") && error.description.contains("OTHER"), "\(error)")
        }
    }

    @Test("the service lists the known names")
    func service() async throws {
        let app = try await app(.clients([.memory("B", bus), .memory("A", bus)]), [], exports: [])
        let clients = try app.get(ClientsService.self)
        #expect(clients.names == ["A", "B"])
        #expect(clients.get("A")?.name == "A")
        #expect(clients.get("C") == nil)
        do {
            _ = try clients.expect("C")
            Issue.record("found")
        } catch {
            #expect(error.code == .invalidConfiguration)
            #expect(error.message == "no client `C` is registered; there are: `A`, `B`")
        }
        #expect(await clients.health().count == 2)
        await app.close()
    }

    @Test("two clients of one name fail the start")
    func twice() async throws {
        await #expect(throws: (any Error).self) {
            try await app(.clients([.memory("A", bus), .memory("A", bus)]), [])
        }
    }

    @Test("a factory describes clients from what it needs")
    func async() async throws {
        struct Settings: Sendable { var bus: MemoryBus }
        let settings = DynamicModule(
            Part.self, providers: [.value(Settings(bus: bus))], exports: [ModuleExport(Settings.self)])
        let clients = ClientsModule.registerAsync(names: ["ORDERS"], imports: [ModuleImport(settings)]) {
            (settings: Settings) in [.memory("ORDERS", settings.bus)]
        }
        let app = try await app(clients, [Provider(Front.self)])
        try await app.start()
        let reply: String = try await app.get(Front.self).orders.send("ping", NoPayload())
        #expect(reply == "pong")
        await app.close()
    }

    @Test("a factory that breaks its word fails the start")
    func wrongNames() async throws {
        let clients = ClientsModule.registerAsync(names: ["ORDERS"]) { [bus] in [.memory("ORDER", bus)] }
        await #expect(throws: (any Error).self) { try await app(clients, []) }
    }
}

extension DynamicModule {
    fileprivate static func clients(_ configs: [ClientConfig]) -> DynamicModule { ClientsModule.register(configs) }
}
