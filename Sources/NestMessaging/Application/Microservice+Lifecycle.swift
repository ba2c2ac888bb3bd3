import ServiceLifecycle
import Synchronization
import UnixSignals

extension Microservice {
    /// Calls the hooks on the way up and starts every server. When it returns, a caller that connects now is served.
    ///
    /// - Throws: What a hook or a server threw, after everything that had started was shut down again; the application
    ///   is closed then. ``ApplicationError/Code/alreadyRunning`` at the second call.
    public func start() async throws {
        let (globals, listeners, started) = try beginStart()
        defer { started.open() }
        do {
            try await context.initialize()
            let runners = try await makeRunners(listeners, globals)
            for runner in runners { try await runner.start() }
            run(runners)
            for runner in runners { runner.reportStart() }
        } catch {
            await abandon()
            throw error
        }
    }

    /// Starts, and serves until SIGINT or SIGTERM: then shuts down gracefully and returns.
    public func listen() async throws {
        var configuration = ServiceGroupConfiguration(
            services: [self], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = options.shutdownTimeout + .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// The whole life as a service: starts (unless ``start()`` was called), serves until graceful shutdown, then closes.
    /// Cancellation closes at once.
    ///
    /// - Throws: What ``start()`` throws, and what made a server end by itself.
    public func run() async throws {
        try claimRun()
        try await startUnlessStarted()
        let services = services
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await self.end.wait()
            } onGracefulShutdown: {
                self.end.open()
            }
        } onCancel: {
            cancelServers()
            end.open()
        }
        await close()
        if let failure = await services?.failure() { throw failure }
    }

    /// Shuts down gracefully: no new messages, running handlers finish within `shutdownTimeout`, their answers are
    /// flushed, the hooks on the way down are called. Calling it again waits for the same end.
    public func close() async {
        while true {
            switch closing() {
            case .wait(let latch): await latch.wait()
            case .join(let task): return await task.value
            }
        }
    }
}

// MARK: - Start

extension Microservice {
    private func beginStart() throws -> (GlobalEnhancers, [Listener], Latch) {
        try state.withLock { state in
            guard case .made(let globals, let listeners) = state.phase else {
                throw ApplicationError(.alreadyRunning, "the application was started already")
            }
            let latch = Latch()
            state.phase = .starting(latch)
            return (globals, listeners, latch)
        }
    }

    private func claimRun() throws {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { throw ApplicationError(.alreadyRunning, "the application runs already") }
    }

    private func startUnlessStarted() async throws {
        let starting = try state.withLock { state -> Latch? in
            switch state.phase {
            case .made: return nil
            case .starting(let latch): return latch
            case .running:
                let latch = Latch()
                latch.open()
                return latch
            case .closing: throw ApplicationError(.closed, "the application is closed")
            }
        }
        guard let starting else { return try await start() }
        await starting.wait()
    }

    private func makeRunners(_ listeners: [Listener], _ globals: GlobalEnhancers) async throws -> [ServerRunner] {
        var runners: [ServerRunner] = []
        for listener in listeners { runners.append(try await makeRunner(listener, globals)) }
        return runners
    }

    private func makeRunner(_ listener: Listener, _ globals: GlobalEnhancers) async throws -> ServerRunner {
        let transport = listener.transport
        let options = listener.options
        let environment = options.environment()
        let builder = RouteBuilder(context: context, globals: globals, transport: transport.name, options: options)
        let dispatcher = MessageDispatcher(
            routes: try await builder.routes(for: plans),
            settlement: Settlement(
                transport: transport.name, guarantees: transport.guarantees, policy: environment.deliveryPolicy,
                logger: environment.logger),
            codec: options.codec)
        return ServerRunner(
            server: try transport.makeServer(dispatcher: dispatcher, environment: environment),
            transport: transport.name, policy: options.startup, logger: environment.logger)
    }

    /// What runs is kept in the state and awaited by ``close()``: nothing outlives the application.
    private func run(_ runners: [ServerRunner]) {
        let services = RunningServices(context.services + [ServersService(runners: runners)], logger: logger) {
            [end] in end.open()
        }
        state.withLock { $0.phase = .running(Running(runners: runners, services: services)) }
    }

    /// The start failed: what was made is taken down, and nobody can start again.
    private func abandon() async {
        let task = Task { [context] in await context.close() }
        state.withLock { $0.phase = .closing(task) }
        end.open()
        await task.value
    }
}

// MARK: - End

extension Microservice {
    private enum Closing {
        /// The start is still going on.
        case wait(Latch)
        case join(Task<Void, Never>)
    }

    private func closing() -> Closing {
        state.withLock { state in
            switch state.phase {
            case .starting(let latch): return .wait(latch)
            case .closing(let task): return .join(task)
            case .made: return .join(Self.shutDown(&state, context, nil, end))
            case .running(let running): return .join(Self.shutDown(&state, context, running, end))
            }
        }
    }

    /// A task of its own, so that a caller who is cancelled does not break the shutdown of the others.
    private static func shutDown(
        _ state: inout State, _ context: ApplicationContext, _ running: Running?, _ end: Latch
    ) -> Task<Void, Never> {
        let task = Task {
            await context.beforeShutdown(signal: nil)
            await running?.services.stop()
            await context.close()
            end.open()
        }
        state.phase = .closing(task)
        return task
    }

    private var services: RunningServices? {
        state.withLock { state in
            guard case .running(let running) = state.phase else { return nil }
            return running.services
        }
    }

    private func cancelServers() {
        state.withLock { state in
            if case .running(let running) = state.phase { running.services.cancel() }
        }
    }
}
