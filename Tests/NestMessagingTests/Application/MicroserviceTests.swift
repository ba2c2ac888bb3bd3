import NestMemory
import NestMessaging
import ServiceLifecycle
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite("A microservice") struct MicroserviceTests {
    private let journal = Journal()
    private let bus = MemoryBus()

    private func app(
        controllers: [any Injectable.Type] = [Pinger.self], providers: [Provider] = []
    ) async throws -> Microservice {
        let providers = providers + [.value(journal), Provider(Hooked.self)]
        return try await NestFactory.createMicroservice(
            Root.self, transport: .memory(bus), modules: [module(providers: providers, controllers: controllers)])
    }

    @Test("calls each hook once, in order, around its servers")
    func hooks() async throws {
        let app = try await app()
        #expect(journal.all == [])
        try await app.start()
        #expect(journal.all == ["init", "bootstrap"])
        let client = try ClientProxy(.memory(bus))
        let reply: String = try await client.send("ping", NoPayload())
        #expect(reply == "pong")
        async let first: Void = app.close()
        async let second: Void = app.close()
        _ = await (first, second)
        await app.close()
        #expect(journal.all == ["init", "bootstrap", "before", "destroy", "shutdown"])
        await client.close()
    }

    @Test("is started once and run once")
    func once() async throws {
        let app = try await app()
        try await app.start()
        await #expect(throws: ApplicationError.self) { try await app.start() }
        await app.close()
        await #expect(throws: ApplicationError.self) { try await app.run() }
        await #expect(throws: ApplicationError.self) { try await app.run() }
    }

    @Test("takes settings before the start only")
    func settings() async throws {
        let app = try await app()
        try app.useGlobalPipes(ValidationPipe())
        try await app.start()
        #expect(throws: ApplicationError.self) { try app.useGlobalPipes(ValidationPipe()) }
        #expect(throws: ApplicationError.self) { try app.connectMicroservice(.memory(bus)) }
        await app.close()
    }

    @Test("closes without ever having been started")
    func closeUnstarted() async throws {
        let app = try await app()
        await app.close()
        await #expect(throws: ApplicationError.self) { try await app.start() }
    }

    @Test("shuts down what had started when the start fails, and stays closed")
    func failedStart() async throws {
        struct Broken: Injectable, OnApplicationBootstrap {
            static func make(from resolver: Resolver) -> Broken { Broken() }
            func onApplicationBootstrap() throws { throw CancellationError() }
        }
        let app = try await app(providers: [Provider(Broken.self)])
        await #expect(throws: (any Error).self) { try await app.start() }
        #expect(journal.all.last == "shutdown")
        await #expect(throws: ApplicationError.self) { try await app.start() }
        await app.close()
        #expect(journal.all.filter { $0 == "shutdown" }.count == 1)
    }

    @Test("runs as a service until graceful shutdown")
    func service() async throws {
        let app = try await app()
        try await app.start()
        let signal = Signal()
        let group = ServiceGroup(services: [app, signal], logger: Logger(label: "test"))
        async let running: Void = group.run()
        await signal.latch.wait()
        let client = try ClientProxy(.memory(bus))
        let reply: String = try await client.send("ping", NoPayload())
        #expect(reply == "pong")
        await group.triggerGracefulShutdown()
        try await running
        #expect(journal.all == ["init", "bootstrap", "before", "destroy", "shutdown"])
        await client.close()
    }

    @Test("closes at once when its task is cancelled")
    func cancellation() async throws {
        let app = try await app()
        try await app.start()
        let running = Task { try await app.run() }
        running.cancel()
        try? await running.value
        #expect(journal.all.last == "shutdown")
    }

    @Test("leaves nothing listening when a further server cannot start")
    func failedSecondServer() async throws {
        let app = try await app()
        try app.connectMicroservice(Stubborn(error: TransportError(.invalidConfiguration, "never")))
        await #expect(throws: TransportError(.invalidConfiguration, "never")) { try await app.start() }
        await #expect(throws: TransportError(.invalidConfiguration, "never")) { try await app.run() }
        let client = try ClientProxy(.memory(bus))
        await #expect(throws: TransportError.self) { try await client.send("ping", NoPayload()) }
        await client.close()
    }

    @Test("gives a start up that does not come to an end when it is closed")
    func closeWhileStarting() async throws {
        let app = try await app()
        let stubborn = Stubborn(error: TransportError(.disconnected, "not yet"))
        var options = MicroserviceOptions()
        options.startup = .retry(for: .seconds(3_600))
        try app.connectMicroservice(stubborn, options: options)
        let start = Task { try await app.start() }
        await stubborn.tried.wait()
        await app.close()
        await #expect(throws: (any Error).self) { try await start.value }
        #expect(journal.all.last == "shutdown")
    }

    @Test("gives a start up when the group around it shuts down")
    func shutdownWhileStarting() async throws {
        let app = try await app()
        let stubborn = Stubborn(error: TransportError(.disconnected, "not yet"))
        var options = MicroserviceOptions()
        options.startup = .retry(for: .seconds(3_600))
        try app.connectMicroservice(stubborn, options: options)
        let group = ServiceGroup(services: [app], logger: Logger(label: "test"))
        async let running: Void = group.run()
        await stubborn.tried.wait()
        await group.triggerGracefulShutdown()
        try await running
        #expect(journal.all.last == "shutdown")
    }

    @Test("listens until SIGTERM, and tells the hooks which signal it was")
    func signal() async throws {
        let app = try await app(providers: [Provider(SignalHook.self)])
        let running = Task { try await app.listen() }
        let client = try ClientProxy(.memory(bus))
        while true {
            // Refused until the server is there: each answer is a round trip through the bus.
            let reply: String? = try? await client.send("ping", NoPayload())
            if reply == "pong" { break }
            await Task.yield()
        }
        kill(getpid(), SIGTERM)
        try await running.value
        #expect(journal.all.contains("signal SIGTERM"))
        await client.close()
    }

    @Test("serves the same controllers over every transport")
    func severalTransports() async throws {
        let other = MemoryBus()
        let app = try await app()
        try app.connectMicroservice(.memory(other))
        try await app.start()
        for bus in [bus, other] {
            let client = try ClientProxy(.memory(bus))
            let reply: String = try await client.send("ping", NoPayload())
            #expect(reply == "pong")
            await client.close()
        }
        let health = await app.health()
        #expect(Set(health.keys) == ["memory", "memory-2"])
        await app.close()
    }

    @Test("hands out its singletons")
    func get() async throws {
        let app = try await NestFactory.createMicroservice(
            Root.self, transport: .memory(bus),
            modules: [DynamicModule(Part.self, providers: [.value(journal)], exports: [ModuleExport(Journal.self)])])
        #expect(try app.get(Journal.self) === journal)
        await app.close()
    }
}

private final class SignalHook: Injectable, OnApplicationShutdown {
    let journal: Journal
    init(_ journal: Journal) { self.journal = journal }
    static var dependencies: [Dependency] { [Dependency(Journal.self)] }
    static func make(from resolver: Resolver) async throws -> SignalHook { SignalHook(try await resolver.resolve()) }
    func onApplicationShutdown(_ signal: String?) { journal.note("signal \(signal ?? "none")") }
}

/// A transport whose server never starts.
private struct Stubborn: Transport {
    let error: TransportError
    /// Opens when a start was tried.
    let tried = Latch()
    var name: String { "stubborn" }
    var guarantees: Guarantees { [.events] }

    func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer { Server(error: error, tried: tried) }

    func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient { throw error }

    private struct Server: MicroserviceServer {
        let error: TransportError
        let tried: Latch
        var endpoint: Endpoint? { nil }
        func start() async throws(TransportError) {
            tried.open()
            throw error
        }
        func run() async throws { try await start() }
        func health() async -> HealthStatus { .down() }
    }
}

/// Tells that its group runs.
private struct Signal: Service {
    let latch = Latch()

    func run() async throws {
        latch.open()
        try await gracefulShutdown()
    }
}
