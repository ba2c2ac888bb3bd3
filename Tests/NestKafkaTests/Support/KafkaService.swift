import Logging
import NestKafka
import NestTesting
import Synchronization
import Testing

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
            .message("test.crash") { (_, _: NoPayload, _) throws -> Bool in throw ServiceFailure() },
            .message("test.large") { (_, count: Int, _) in String(repeating: "x", count: count) },
            .event("test.noted") { (service, text: String, context) in
                let record = context.metadata(as: KafkaDelivery.self)
                service.probe.log.append("\(service.probe.name) \(text) \(record?.recordKey ?? "-")")
            },
            .event("test.held") { (service, text: String, context) async throws in
                service.probe.log.append("began \(text) \(context.attempt)")
                try await service.probe.gate.pass()
                service.probe.log.append("ended \(text)")
            },
            .event("test.failing") { (service, text: String, context) throws in
                let record = context.metadata(as: KafkaDelivery.self)
                service.probe.log.append("\(text) \(context.attempt) \(record?.recordKey ?? "-")")
                if context.attempt < 3 || text == "never" { throw ServiceFailure() }
            },
            .event("ledger.entry") { (service, text: String, context) in
                service.probe.log.append("ledger \(text) \(context.metadata(as: KafkaDelivery.self)?.topic ?? "-")")
            },
        ]
    }
}

private enum ServiceModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

/// A running service.
struct KafkaService: Sendable {
    let app: Microservice
    let probe: ServiceProbe
    private let life: Task<Void, any Error>

    static let quiet = Logger(label: "nest.test") { _ in SwiftLogNoOpLogHandler() }

    static func start(
        _ options: KafkaOptions, probe: ServiceProbe = ServiceProbe(),
        controllers: [any Injectable.Type] = [ServiceController.self], providers: [Provider] = [],
        _ configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> KafkaService {
        var settings = MicroserviceOptions(name: "default")
        settings.logger = quiet
        settings.startup = .failFast
        configure(&settings)
        let parts = DynamicModule(ServiceModule.self, providers: [.value(probe)] + providers, controllers: controllers)
        let app = try await NestFactory.createMicroservice(
            ServiceModule.self, transport: .kafka(options), modules: [parts], options: settings)
        try await app.start()
        return KafkaService(app: app, probe: probe, life: Task { try await app.run() })
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
    static func kafka(_ options: KafkaOptions) throws -> ClientProxy {
        var config = ClientConfig.kafka("test", options)
        config.logger = KafkaService.quiet
        return try ClientProxy(config)
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

/// Asks again and again; each question is a round trip to the broker.
@discardableResult
func eventually<Value>(
    _ what: String, _ ask: () async throws -> Value, until holds: (Value) -> Bool
) async throws -> Value {
    let end = ContinuousClock.now + .seconds(20)
    while true {
        let value = try await ask()
        if holds(value) { return value }
        try #require(ContinuousClock.now < end, "waited in vain for \(what): \(value)")
    }
}
