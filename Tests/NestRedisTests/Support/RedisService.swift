import NestRedis
import NestTesting

private enum ServiceModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}

/// A running service of the queue and group `test`.
struct RedisService: Sendable {
    let app: Microservice
    let probe: ServiceProbe
    private let life: Task<Void, any Error>

    static let quiet = Logger(label: "nest.test") { _ in SwiftLogNoOpLogHandler() }

    static func start(
        _ options: RedisOptions, probe: ServiceProbe = ServiceProbe(),
        controllers: [any Injectable.Type] = [ServiceController.self], providers: [Provider] = [],
        _ configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> RedisService {
        var settings = MicroserviceOptions(name: "test")
        settings.logger = quiet
        settings.startup = .failFast
        if options.mode != .pubSub {
            settings.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(10)))
        }
        configure(&settings)
        let parts = DynamicModule(ServiceModule.self, providers: [.value(probe)] + providers, controllers: controllers)
        let app = try await NestFactory.createMicroservice(
            ServiceModule.self, transport: RedisTransport(options), modules: [parts], options: settings)
        try await app.start()
        return RedisService(app: app, probe: probe, life: Task { try await app.run() })
    }

    func stop() async {
        probe.gate.open()
        await app.close()
        _ = await life.result
    }

    /// As a process that dies: connections and handlers end now.
    func kill() async {
        life.cancel()
        _ = await life.result
    }

    func health() async -> HealthStatus? { await app.health().values.first }
}
