import NIOCore
import ServiceLifecycle

/// Listens, and looks after its connections from the first to the last.
final class GRPCServer: MicroserviceServer {
    private let options: GRPCOptions
    private let environment: TransportEnvironment
    private let services: ServerServices
    private let bootstrap: ServerBootstrapping
    private let life = ListenerLife<ListeningSocket>("gRPC server")

    init(
        options: GRPCOptions, tls: TLSContextSource?, dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) {
        self.options = options
        self.environment = environment
        services = ServerServices(options: options, dispatcher: dispatcher, environment: environment)
        bootstrap = ServerBootstrapping(services: services, tls: tls, group: environment.eventLoopGroup)
    }

    var endpoint: Endpoint? { life.listener?.endpoint }

    func start() async throws(TransportError) {
        try await life.start { () async throws(TransportError) in try await bootstrap.listen() }
    }

    func run() async throws {
        try await start()
        let listener = try life.claim()
        let isAlive = await life.waitForEnd(of: listener.channel)
        await end(listener)
        guard isAlive else {
            throw TransportError(.disconnected, "the listening socket of \(options.address) was lost")
        }
    }

    /// No new connections; what was taken is answered, unless the run was cancelled.
    private func end(_ listener: ListeningSocket) async {
        services.health.end()
        try? await listener.channel.close()
        await services.registry.end(within: environment.shutdownTimeout, on: environment.eventLoopGroup)
        life.end()
    }

    func health() async -> HealthStatus {
        guard let listener = life.listener, listener.channel.isActive else { return .down() }
        return .up([
            "address": listener.endpoint.description, "connections": String(services.registry.count),
            "in_flight": String(services.limiter.count),
        ])
    }
}
