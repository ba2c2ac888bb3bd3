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
        if !Task.isCancelled { await drain() }
        services.registry.closeAll()
        try? await services.registry.whenEmpty(on: listener.channel.eventLoop).get()
        life.end()
    }

    /// Waits for the running handlers as long as they may take, then for what cancelled ones still say.
    private func drain() async {
        services.registry.drain()
        if await isEmpty(within: environment.shutdownTimeout) { return }
        services.registry.cancelHandlers()
        _ = await isEmpty(within: .seconds(1))
    }

    private func isEmpty(within time: Duration) async -> Bool {
        let loop = environment.eventLoopGroup.next()
        let result = loop.makePromise(of: Bool.self)
        services.registry.whenEmpty(on: loop).map { true }.cascade(to: result)
        let timer = loop.scheduleTask(in: TimeAmount(time)) { result.succeed(false) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            (try? await result.futureResult.get()) ?? false
        } onCancel: {
            result.succeed(false)
        }
    }

    func health() async -> HealthStatus {
        guard let listener = life.listener, listener.channel.isActive else { return .down() }
        return .up([
            "address": listener.endpoint.description, "connections": String(services.registry.count),
            "in_flight": String(services.limiter.count),
        ])
    }
}
