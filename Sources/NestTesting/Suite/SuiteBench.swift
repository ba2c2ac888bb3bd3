import Synchronization

/// What a case works with: starts instances of the suite's service and clients, and takes all of them down at the end.
final class SuiteBench: Sendable {
    private struct State {
        var services: [SuiteService] = []
        var clients: [ClientProxy] = []
    }

    let stage: any TransportStage
    let guarantees: Guarantees
    private let state = Mutex(State())

    /// The suite breaks things on purpose; what is said about it helps nobody.
    private static let quiet = Logger(label: "nest.suite") { _ in SwiftLogNoOpLogHandler() }

    init(stage: any TransportStage, guarantees: Guarantees) {
        self.stage = stage
        self.guarantees = guarantees
    }

    /// Starts an instance of the suite's service. When it returns, callers are served.
    func service(
        _ probe: SuiteProbe = SuiteProbe(), at endpoint: Endpoint? = nil,
        controllers: [any Injectable.Type] = [SuiteController.self],
        options configure: (inout MicroserviceOptions) -> Void = { _ in },
        settings: (Microservice) throws -> Void = { _ in }
    ) async throws -> SuiteService {
        var options = MicroserviceOptions(name: "suite")
        options.logger = Self.quiet
        if guarantees.contains(.retries), guarantees.contains(.deadLetters) {
            options.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(10)))
        }
        configure(&options)
        let parts = DynamicModule(
            SuiteParts.self, providers: [.value(probe), Provider(SuiteTicket.self)], controllers: controllers)
        let transport = try await stage.serverTransport(at: endpoint)
        let app = try await NestFactory.createMicroservice(
            SuiteParts.self, transport: transport, modules: [parts], options: options)
        try settings(app)
        let service = try await SuiteService.start(app, probe)
        state.withLock { $0.services.append(service) }
        return service
    }

    /// A client that calls an instance, or its broker.
    func client(to service: SuiteService, timeout: Duration = .seconds(10)) async throws -> ClientProxy {
        let transport = try await stage.clientTransport(to: service.endpoint)
        var config = ClientConfig("suite", transport: transport).timeout(timeout)
        config.logger = Self.quiet
        let client = try ClientProxy(config)
        state.withLock { $0.clients.append(client) }
        return client
    }

    /// An instance and a client of it.
    func pair(_ configure: (inout MicroserviceOptions) -> Void = { _ in }) async throws -> (SuiteProbe, ClientProxy) {
        let service = try await service(options: configure)
        return (service.probe, try await client(to: service))
    }

    /// How many calls of a client wait for a reply, as its health tells.
    func pending(of client: ClientProxy) async throws -> Int {
        let health = await client.health()
        guard let pending = health.details["pending"].flatMap(Int.init) else {
            throw SuiteFailure("the client's health has no `pending`: \(health.details)")
        }
        return pending
    }

    func close() async {
        let (services, clients) = state.withLock { ($0.services, $0.clients) }
        for client in clients { await client.close() }
        for service in services {
            service.probe.gate.open()
            await service.stop()
        }
        await stage.close()
    }
}

/// The root of the suite's application, and what is in it.
private enum SuiteParts: Module {
    static var metadata: ModuleMetadata { ModuleMetadata() }
}
