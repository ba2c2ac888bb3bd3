import NestNats
import NestTesting

/// What the test service's handlers saw, and what they wait for.
final class ServiceProbe: Sendable {
    let name: String
    let log: Watched<[String]>
    let gate: Gate
    /// What fails unexpectedly does so no more.
    let isMended = Watched(false)

    init(_ name: String = "a", log: Watched<[String]> = Watched([]), gate: Gate = Gate()) {
        self.name = name
        self.log = log
        self.gate = gate
    }
}

struct ServiceCrash: Error {}

/// Numbers from 1 on; notes when its reader goes before the end.
struct ServiceNumbers: AsyncSequence, Sendable {
    let count: Int
    let log: Watched<[String]>

    struct AsyncIterator: AsyncIteratorProtocol {
        let numbers: ServiceNumbers
        var last = 0

        mutating func next() async throws -> Int? {
            if Task.isCancelled { numbers.log.append("cancelled") }
            try Task.checkCancellation()
            guard last < numbers.count else { return nil }
            last += 1
            return last
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(numbers: self) }
}

/// Numbers without an end; the log is told when nobody asks for them any more.
struct EndlessNumbers: AsyncSequence, Sendable {
    final class AsyncIterator: AsyncIteratorProtocol {
        private let log: Watched<[String]>
        private var last = 0

        init(log: Watched<[String]>) { self.log = log }

        deinit { log.append("let go") }

        func next() async throws -> Int? {
            last += 1
            return last
        }
    }

    let log: Watched<[String]>

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(log: log) }
}

struct ServiceController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> ServiceController {
        ServiceController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<ServiceController>] {
        [
            .message("test.echo") { (_, payload: Payload, _) in payload },
            .message("test.later") { (_, payload: Payload, _) async in
                await Task.yield()
                return payload
            },
            .message("test.who") { (service, _: NoPayload, _) in service.probe.name },
            .message("test.count") { (service, _: NoPayload, _) in
                service.probe.log.append(service.probe.name)
                return service.probe.name
            },
            .message("test.hold") { (service, _: NoPayload, _) async throws in
                try await service.probe.gate.pass()
                return service.probe.name
            },
            .message("test.big") { (_, size: Int, _) in String(repeating: "x", count: size) },
            .message("test.numbers") { (service, count: Int, _) in
                ServiceNumbers(count: count, log: service.probe.log)
            },
            .message("test.endless") { (service, _: NoPayload, _) in EndlessNumbers(log: service.probe.log) },
            .message("test.crash") { (service, text: String, _) throws in
                service.probe.log.append("tried \(text)")
                guard service.probe.isMended.value else { throw ServiceCrash() }
            },
            .message("test.headers") { (_, _: NoPayload, context) in
                Dictionary(context.headers.map { ($0.name, $0.value) }) { $1 }
            },
            .event("test.noted") { (service, text: String, _) in
                service.probe.log.append("\(service.probe.name) \(text)")
            },
            .event("test.held") { (service, text: String, _) async throws in
                try await service.probe.gate.pass()
                service.probe.log.append(text)
            },
        ]
    }
}

/// Listens to everything of a prefix, as an audit service does.
struct AuditController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> AuditController {
        AuditController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<AuditController>] {
        [
            .event(">") { (audit, payload: Payload, context) in
                audit.probe.log.append("\(context.pattern) \(payload)")
            }
        ]
    }
}

private enum ServiceModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

/// A running service.
struct NatsService: Sendable {
    let app: Microservice
    let probe: ServiceProbe
    private let life: Task<Void, any Error>

    static let quiet = Logger(label: "nest.test") { _ in SwiftLogNoOpLogHandler() }

    static func start(
        _ options: NatsOptions, probe: ServiceProbe = ServiceProbe(),
        controllers: [any Injectable.Type] = [ServiceController.self],
        _ configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> NatsService {
        var settings = MicroserviceOptions(name: "test")
        settings.logger = quiet
        settings.startup = .failFast
        configure(&settings)
        let parts = DynamicModule(ServiceModule.self, providers: [.value(probe)], controllers: controllers)
        let app = try await NestFactory.createMicroservice(
            ServiceModule.self, transport: NatsTransport(options), modules: [parts], options: settings)
        try await app.start()
        return NatsService(app: app, probe: probe, life: Task { try await app.run() })
    }

    func stop() async {
        probe.gate.open()
        await app.close()
        _ = await life.result
    }

    func health() async -> HealthStatus? { await app.health().values.first }
}

extension ClientProxy {
    static func nats(_ options: NatsOptions) throws -> ClientProxy {
        var config = ClientConfig("test", transport: NatsTransport(options))
        config.logger = NatsService.quiet
        return try ClientProxy(config)
    }
}

extension NatsOptions {
    /// Quick to come back, under a prefix of its own.
    static func test(_ url: String, prefix: String = "p\(UInt32.random(in: 0 ... .max))") -> NatsOptions {
        var options = NatsOptions(servers: [url])
        options.prefix = prefix
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(50)
        return options
    }
}

/// What a call fails with; nil when it does not.
func code(_ body: () async throws(TransportError) -> Void) async -> TransportError.Code? {
    do throws(TransportError) {
        try await body()
        return nil
    } catch {
        return error.code
    }
}
