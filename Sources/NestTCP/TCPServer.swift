import NIOCore
import ServiceLifecycle
import Synchronization

/// Listens, and looks after its connections from the first to the last.
final class TCPServer: MicroserviceServer {
    private enum State {
        /// Not started; a failed start comes back here.
        case made
        case starting
        case listening(ListeningSocket)
        case running(ListeningSocket)
        case ended
    }

    private let options: TCPOptions
    private let environment: TransportEnvironment
    private let services: ServerServices
    private let bootstrap: ServerBootstrapping
    private let state = Mutex(State.made)

    init(options: TCPOptions, tls: TLSContextSource?, dispatcher: MessageDispatcher, environment: TransportEnvironment)
    {
        self.options = options
        self.environment = environment
        services = ServerServices(options: options, dispatcher: dispatcher, environment: environment)
        bootstrap = ServerBootstrapping(services: services, tls: tls, group: environment.eventLoopGroup)
    }

    var endpoint: Endpoint? { listener?.endpoint }

    private var listener: ListeningSocket? {
        state.withLock { state in
            switch state {
            case .listening(let listener), .running(let listener): listener
            case .made, .starting, .ended: nil
            }
        }
    }

    func start() async throws(TransportError) {
        guard try beginStart() else { return }
        do throws(TransportError) {
            let listener = try await bootstrap.listen(at: options.address, backlog: options.backlog)
            state.withLock { $0 = .listening(listener) }
        } catch {
            state.withLock { $0 = .made }
            throw error
        }
    }

    /// False when it listens already.
    private func beginStart() throws(TransportError) -> Bool {
        let isFree = state.withLock { state -> Bool? in
            switch state {
            case .made:
                state = .starting
                return true
            case .listening, .running: return false
            case .starting, .ended: return nil
            }
        }
        guard let isFree else { throw TransportError(.closed, "the TCP server is being started, or has ended") }
        return isFree
    }

    func run() async throws {
        try await start()
        let listener = try claim()
        let stop = listener.channel.eventLoop.makePromise(of: Void.self)
        // A listening socket that fails ends the service: whoever supervises it must know.
        listener.channel.closeFuture.cascade(to: stop)
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await stop.futureResult.get()
            } onGracefulShutdown: {
                stop.succeed()
            }
        } onCancel: {
            stop.succeed()
        }
        let failed = !listener.channel.isActive
        await end(listener)
        if failed { throw TransportError(.disconnected, "the listening socket of \(options.address) was lost") }
    }

    private func claim() throws -> ListeningSocket {
        try state.withLock { state in
            guard case .listening(let listener) = state else {
                throw ApplicationError(.alreadyRunning, "the TCP server was run already")
            }
            state = .running(listener)
            return listener
        }
    }

    /// No new connections; what was taken is answered, unless the run was cancelled.
    private func end(_ listener: ListeningSocket) async {
        await listener.close()
        if !Task.isCancelled { await drain() }
        services.registry.closeAll()
        try? await services.registry.whenEmpty(on: listener.channel.eventLoop).get()
        state.withLock { $0 = .ended }
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
        guard let listener, listener.channel.isActive else { return .down() }
        return .up([
            "address": listener.endpoint.description, "connections": String(services.registry.count),
            "in_flight": String(services.limiter.count),
        ])
    }
}
