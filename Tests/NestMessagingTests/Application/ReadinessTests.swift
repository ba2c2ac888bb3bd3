import NestMemory
import NestTesting
import ServiceLifecycle
import Synchronization
import Testing

@testable import NestMessaging

@Suite("Readiness and the way down", .timeLimit(.minutes(1))) struct ReadinessTests {
    private let bus = MemoryBus()
    private let steps = Watched<[String]>([])
    private let gate = Gate()

    private func app(drainDelay: Duration = .zero) async throws -> Microservice {
        var options = MicroserviceOptions()
        options.drainDelay = drainDelay
        options.shutdownTimeout = .seconds(3_600)
        options.logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let parts = module(
            providers: [.value(steps), .value(gate), Provider(Steps.self)], controllers: [Counter.self])
        return try await NestFactory.createMicroservice(
            Root.self, transport: .memory(bus), modules: [parts], options: options)
    }

    private func ping() async throws -> String {
        let client = try ClientProxy(.memory(bus))
        let reply: String = try await client.send("ping", NoPayload())
        await client.close()
        return reply
    }

    @Test("an application is ready between its start and its end")
    func ready() async throws {
        let app = try await app()
        #expect(!app.isReady)
        #expect(app.host.readiness == .down(["reason": "not started"]))
        try await app.start()
        #expect(app.isReady && app.host.readiness == .up())
        await app.close()
        #expect(!app.isReady)
        #expect(app.host.readiness == .down(["reason": "shutting down"]))
    }

    @Test("a listener that goes on trying in the background keeps it from being ready")
    func background() async throws {
        let late = Late()
        let log = Watched<[String]>([])
        var options = MicroserviceOptions()
        options.startup = .background
        options.logger = .recorded(log)
        let app = try await app()
        try app.connectMicroservice(late, options: options)
        try await app.start()
        #expect(!app.isReady)
        #expect(app.host.readiness == .down(["reason": "starting", "waiting_for": "late"]))
        late.gate.open()
        try await log.eventually("it listens") { $0.contains { $0.hasPrefix("info: listening") } }
        #expect(app.isReady)
        await app.close()
    }

    @Test("tells no first, goes on answering, and stops when the delay is over")
    func drain() async throws {
        let app = try await app(drainDelay: .milliseconds(300))
        try await app.start()
        let start = ContinuousClock.now
        async let closed: Void = app.close()
        try await steps.eventually("it goes down") { $0.contains("before") }
        #expect(!app.isReady)
        #expect(try await ping() == "pong")
        #expect(await app.health().keys.first == "memory")
        await closed
        #expect(.now - start >= .milliseconds(300))
        #expect(steps.value == ["before", "destroy"])
        #expect(await app.health().isEmpty)
    }

    @Test("is not ready from the first signal on, and does not wait any longer after the second")
    func secondSignal() async throws {
        let app = try await app(drainDelay: .seconds(3_600))
        try await app.start()
        let running = Task { try await app.run() }
        app.host.obey("SIGTERM")
        #expect(!app.isReady)
        try await steps.eventually("it goes down") { $0.contains("before") }
        #expect(try await ping() == "pong")
        #expect(steps.value == ["before"])
        app.host.obey("SIGTERM")
        try await running.value
        #expect(steps.value == ["before", "destroy"])
    }

    @Test("does not wait any longer when its task is cancelled")
    func cancelled() async throws {
        let app = try await app(drainDelay: .seconds(3_600))
        try await app.start()
        let running = Task { try await app.run() }
        app.host.obey("SIGTERM")
        try await steps.eventually("it goes down") { $0.contains("before") }
        running.cancel()
        try? await running.value
        #expect(steps.value == ["before", "destroy"])
    }

    @Test("lets running handlers finish, and cancels them at the second signal")
    func handlers() async throws {
        let app = try await app()
        try await app.start()
        let running = Task { try await app.run() }
        let client = try ClientProxy(.memory(bus))
        let call = Task { let _: String = try await client.send("held", NoPayload()) }
        try await gate.eventuallyHolds(1)
        app.host.obey("SIGTERM")
        try await steps.eventually("it goes down") { $0.contains("before") }
        #expect(gate.waiting == 1)
        app.host.obey("SIGTERM")
        try await running.value
        #expect(gate.waiting == 0)
        _ = await call.result
        await client.close()
    }

    @Test("the second signal ends a server that shuts down already")
    func whileDraining() async throws {
        let app = try await app()
        try app.connectMicroservice(Draining(steps: steps))
        try await app.start()
        let running = Task { try await app.run() }
        app.host.obey("SIGTERM")
        try await steps.eventually("it drains") { $0.contains("draining") }
        app.host.obey("SIGTERM")
        try await running.value
        #expect(steps.value == ["before", "draining", "destroy"])
    }

    @Test("does not wait when a server has ended by itself")
    func failure() async throws {
        let dying = Late(isOpen: true, failure: TransportError(.disconnected, "lost"))
        let app = try await app(drainDelay: .seconds(3_600))
        try app.connectMicroservice(dying)
        await #expect(throws: TransportError(.disconnected, "lost")) { try await app.run() }
        #expect(steps.value == ["before", "destroy"])
    }

    @Test("the longest delay of all listeners counts")
    func longest() async throws {
        var options = MicroserviceOptions()
        options.drainDelay = .seconds(3_600)
        let app = try await app()
        try app.connectMicroservice(.memory(MemoryBus()), options: options)
        try await app.start()
        let running = Task { try await app.run() }
        app.host.obey("SIGTERM")
        try await steps.eventually("it goes down") { $0.contains("before") }
        #expect(try await ping() == "pong")
        app.host.obey("SIGTERM")
        try await running.value
    }

    @Test("an application that was never started has nothing to drain")
    func unstarted() async throws {
        let app = try await app(drainDelay: .seconds(3_600))
        await app.close()
        #expect(!app.isReady)
    }

    @Test("refuses a delay that makes no sense")
    func options() async throws {
        await #expect(throws: TransportError.self) { try await app(drainDelay: .seconds(-1)) }
    }

    @Test("a probe hears of the end at once, without anybody being asked")
    func probe() async throws {
        let asked = Watched(0)
        let registry = HealthRegistry([
            CustomHealth("a") {
                asked.increment()
                return .up()
            }
        ])
        let app = try await app(drainDelay: .seconds(3_600))
        #expect(await app.host.readinessReport(registry).error["application"]?.details["reason"] == "not started")
        try await app.start()
        #expect(await app.host.readinessReport(registry) == HealthReport(["a": .up()]))
        let running = Task { try await app.run() }
        app.host.obey("SIGTERM")
        let report = await app.host.readinessReport(registry)
        #expect(report.status == .error && report.error == ["application": .down(["reason": "shutting down"])])
        #expect(asked.value == 1)
        app.host.obey("SIGTERM")
        try await running.value
    }

    @Test("servers as one indicator: the worst decides")
    func servers() async throws {
        let app = try await app()
        try app.connectMicroservice(Late(isOpen: true))
        let indicator = ServersHealth(app)
        #expect(try await indicator.check().state == .down)
        try await app.start()
        let status = try await indicator.check()
        #expect(status.state == .degraded)
        #expect(status.details["memory"] == "up" && status.details["late"] == "degraded")
        #expect(status.details["late.lag"] == "7")
        await app.close()
        #expect(try await indicator.check().state == .down)
    }

    @Test("an indicator of its servers does not keep an application alive")
    func weakness() async throws {
        var app: Microservice? = try await app()
        let indicator = try #require(app.map { ServersHealth($0) })
        weak let host = app?.host
        await app?.close()
        app = nil
        #expect(host == nil)
        #expect(try await indicator.check().state == .down)
    }
}

/// Notes its hooks on the way down.
private struct Steps: Injectable, BeforeApplicationShutdown, OnModuleDestroy {
    let steps: Watched<[String]>

    static var dependencies: [Dependency] { [Dependency(Watched<[String]>.self)] }
    static func make(from resolver: Resolver) async throws -> Steps { Steps(steps: try await resolver.resolve()) }

    func beforeApplicationShutdown(_ signal: String?) { steps.append("before") }
    func onModuleDestroy() { steps.append("destroy") }
}

private struct Counter: Controller {
    let gate: Gate

    static var dependencies: [Dependency] { [Dependency(Gate.self)] }
    static func make(from resolver: Resolver) async throws -> Counter { Counter(gate: try await resolver.resolve()) }
    static var handlers: [Handler<Counter>] {
        [
            .message("ping") { (_, _: NoPayload, _) in "pong" },
            .message("held") { (counter, _: NoPayload, _) async throws in
                try await counter.gate.pass()
                return "done"
            },
        ]
    }
}

/// A transport whose server starts when the gate is open, and then ends with the failure, if there is one.
private struct Late: Transport {
    let gate: Gate
    let failure: TransportError?

    init(isOpen: Bool = false, failure: TransportError? = nil) {
        gate = Gate(isOpen: isOpen)
        self.failure = failure
    }

    var name: String { "late" }
    var guarantees: Guarantees { [.events] }

    func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer { Server(gate: gate, failure: failure) }

    func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        throw TransportError(.unsupported, "no clients")
    }

    private struct Server: MicroserviceServer {
        let gate: Gate
        let failure: TransportError?
        var endpoint: Endpoint? { nil }

        func start() async throws(TransportError) {
            do { try await gate.pass() } catch { throw TransportError(.cancelled, "cancelled") }
        }

        func run() async throws {
            if let failure { throw failure }
            try await gracefulShutdown()
        }

        func health() async -> HealthStatus { .degraded(["lag": "7"]) }
    }
}

/// A transport whose server notices that it has to shut down, and ends only when it is cancelled.
private struct Draining: Transport {
    let steps: Watched<[String]>

    var name: String { "draining" }
    var guarantees: Guarantees { [.events] }

    func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer { Server(steps: steps) }

    func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        throw TransportError(.unsupported, "no clients")
    }

    private struct Server: MicroserviceServer {
        let steps: Watched<[String]>
        var endpoint: Endpoint? { nil }

        func start() async throws(TransportError) {}

        func run() async throws {
            await withGracefulShutdownHandler {
                try? await Gate().pass()
            } onGracefulShutdown: {
                steps.append("draining")
            }
        }

        func health() async -> HealthStatus { .up() }
    }
}
