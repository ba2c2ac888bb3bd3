import NestRabbitMQ
import NestTesting

/// What the test service's handlers saw, and what they wait for.
final class ServiceProbe: Sendable {
    let name: String
    let log: Watched<[String]>
    let gate: Gate

    init(_ name: String = "a", log: Watched<[String]> = Watched([]), gate: Gate = Gate()) {
        self.name = name
        self.log = log
        self.gate = gate
    }
}

struct ServiceFailure: Error {}

/// Numbers from 1, one after another.
struct ServiceNumbers: AsyncSequence, Sendable {
    let count: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        let count: Int
        var last = 0

        mutating func next() async throws -> Int? {
            try Task.checkCancellation()
            guard last < count else { return nil }
            last += 1
            return last
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(count: count) }
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
            .message("test.who") { (service, _: NoPayload, _) in service.probe.name },
            .message("test.hold") { (service, _: NoPayload, _) async throws in
                service.probe.log.append("began")
                try await service.probe.gate.pass()
                return service.probe.name
            },
            .message("test.headers") { (_, _: NoPayload, context) in
                Dictionary(context.headers.map { ($0.name, $0.value) }) { $1 }
            },
            .message("test.numbers") { (_, count: Int, _) in ServiceNumbers(count: count) },
            .message("test.id") { (_, _: NoPayload, context) in
                context.metadata(as: RabbitMQDelivery.self)?.messageID ?? ""
            },
            .message("test.crash") { (_, _: NoPayload, _) throws -> Bool in throw ServiceFailure() },
            .event("test.noted") { (service, text: String, _) in
                service.probe.log.append("\(service.probe.name) \(text)")
            },
            .event("test.held") { (service, text: String, context) async throws in
                service.probe.log.append("began \(text) \(context.attempt)")
                try await service.probe.gate.pass()
                service.probe.log.append("ended \(text)")
            },
            .event("test.failing") { (service, text: String, context) throws in
                service.probe.log.append("\(text) \(context.attempt)")
                throw ServiceFailure()
            },
        ]
    }
}

private enum ServiceModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

/// A running service.
struct RabbitService: Sendable {
    let app: Microservice
    let probe: ServiceProbe
    private let life: Task<Void, any Error>

    static let quiet = Logger(label: "nest.test") { _ in SwiftLogNoOpLogHandler() }

    static func start(
        _ options: RabbitMQOptions, probe: ServiceProbe = ServiceProbe(),
        controllers: [any Injectable.Type] = [ServiceController.self], providers: [Provider] = [],
        _ configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> RabbitService {
        var settings = MicroserviceOptions(name: "default")
        settings.logger = quiet
        settings.startup = .failFast
        configure(&settings)
        let parts = DynamicModule(ServiceModule.self, providers: [.value(probe)] + providers, controllers: controllers)
        let app = try await NestFactory.createMicroservice(
            ServiceModule.self, transport: RabbitMQTransport(options), modules: [parts], options: settings)
        try await app.start()
        return RabbitService(app: app, probe: probe, life: Task { try await app.run() })
    }

    func stop() async {
        probe.gate.open()
        await app.close()
        _ = await life.result
    }

    /// As a process that dies.
    func kill() async {
        life.cancel()
        _ = await life.result
    }

    func health() async -> HealthStatus? { await app.health().values.first }
}

extension ClientProxy {
    static func rabbit(_ options: RabbitMQOptions) throws -> ClientProxy {
        var config = ClientConfig("test", transport: RabbitMQTransport(options))
        config.logger = RabbitService.quiet
        return try ClientProxy(config)
    }
}

extension RabbitMQOptions {
    /// Quick to come back, under a prefix of its own.
    static func test(_ url: String, prefix: String = "p\(UInt32.random(in: 0 ... .max))") -> RabbitMQOptions {
        var options = RabbitMQOptions(servers: [url])
        options.prefix = prefix
        options.reconnectDelay = .milliseconds(5)
        options.maxReconnectDelay = .milliseconds(50)
        return options
    }
}

/// What happens when `body` throws a transport's error; nil when it throws none.
func thrown(_ body: () async throws(TransportError) -> Void) async -> TransportError? {
    do throws(TransportError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
