import ServiceLifecycle
import Synchronization
import UnixSignals

extension Microservice {
    /// Calls the hooks on the way up and starts every server. When it returns, a caller that connects now is served.
    ///
    /// - Throws: What a hook or a server threw, after everything that had started was shut down again; the application
    ///   is closed then. `ApplicationError.Code.alreadyRunning` at the second call. `CancellationError` when the
    ///   application was closed meanwhile.
    public func start() async throws {
        let start = try beginStart()
        try await withTaskCancellationHandler {
            try await start.value
        } onCancel: {
            start.cancel()
        }
    }

    /// Starts, and serves until SIGINT or SIGTERM: then shuts down gracefully and returns. A second signal closes at
    /// once.
    public func listen() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let watch = Task.detached {
            for await signal in signals { self.obey(signal) }
        }
        defer { watch.cancel() }
        try await run()
    }

    /// The whole life as a service: starts (unless ``start()`` was called), serves until graceful shutdown, then closes.
    /// Cancellation closes at once.
    ///
    /// - Throws: What ``start()`` throws, and what made a server end by itself.
    public func run() async throws {
        try claimRun()
        let (start, isOver) = try startUnlessStarted()
        if isOver {
            try await start.value
            throw ApplicationError(.closed, "the application is closed")
        }
        if isAsked { start.cancel() }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                _ = await start.result
                if Task.isCancelled { cancelServers() }
                if isServing { await end.wait() }
            } onGracefulShutdown: {
                self.requestEnd(start)
            }
        } onCancel: {
            cancelServers()
            requestEnd(start)
        }
        let services = services
        await close()
        if let failure = await services?.failure() { throw failure }
        if !isAsked { try await start.value }
    }

    /// Shuts down gracefully: no new messages, running handlers finish within `shutdownTimeout`, their answers are
    /// flushed, the hooks on the way down are called. A start that is still going on is given up. Calling it again waits
    /// for the same end.
    public func close() async {
        while true {
            switch closing() {
            case .wait(let start):
                start.cancel()
                _ = await start.result
            case .join(let task): return await task.value
            }
        }
    }
}

// MARK: - Start

extension Microservice {
    /// A task of its own, so that whoever closes can give it up.
    private func beginStart() throws -> Task<Void, any Error> {
        try state.withLock { state in
            guard case .made(let globals, let listeners) = state.phase else {
                throw ApplicationError(.alreadyRunning, "the application was started already")
            }
            return Self.start(&state) { try await self.start(listeners, globals) }
        }
    }

    private static func start(
        _ state: inout State, _ body: @escaping @Sendable () async throws -> Void
    ) -> Task<Void, any Error> {
        let task = Task { try await body() }
        state.phase = .starting(task)
        state.start = task
        return task
    }

    private func claimRun() throws {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { throw ApplicationError(.alreadyRunning, "the application runs already") }
    }

    /// The start, and whether the application was closed after it.
    private func startUnlessStarted() throws -> (Task<Void, any Error>, isOver: Bool) {
        try state.withLock { state in
            if let start = state.start {
                if case .closing = state.phase { return (start, true) }
                return (start, false)
            }
            guard case .made(let globals, let listeners) = state.phase else {
                throw ApplicationError(.closed, "the application is closed")
            }
            return (Self.start(&state) { try await self.start(listeners, globals) }, false)
        }
    }

    private func start(_ listeners: [Listener], _ globals: GlobalEnhancers) async throws {
        var started: [ServerRunner] = []
        do {
            try await context.initialize()
            for runner in try await makeRunners(listeners, globals) {
                started.append(runner)
                try await runner.start()
            }
            try Task.checkCancellation()
            run(started)
        } catch {
            for runner in started { await runner.abandon() }
            await abandon()
            throw error
        }
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
        let services = context.services + [ServersService(runners: runners, logger: logger)]
        let running = RunningServices(services, logger: logger) { [end] in end.open() }
        state.withLock { $0.phase = .running(Running(runners: runners, services: running)) }
    }

    /// The start failed: what was made is taken down, and nobody can start again.
    private func abandon() async {
        let task = Task.detached { [context] in await context.close() }
        state.withLock { $0.phase = .closing(task) }
        end.open()
        await task.value
    }
}

// MARK: - End

extension Microservice {
    private enum Closing {
        /// The start is still going on.
        case wait(Task<Void, any Error>)
        case join(Task<Void, Never>)
    }

    private var isServing: Bool {
        state.withLock { state in
            if case .running = state.phase { return true }
            return false
        }
    }

    /// Somebody asked for the end before it came by itself.
    private var isAsked: Bool { state.withLock { $0.isAsked } }

    private var services: RunningServices? {
        state.withLock { state in
            guard case .running(let running) = state.phase else { return nil }
            return running.services
        }
    }

    private func closing() -> Closing {
        state.withLock { state in
            switch state.phase {
            case .starting(let start): return .wait(start)
            case .closing(let task): return .join(task)
            case .made: return .join(shutDown(&state, nil))
            case .running(let running): return .join(shutDown(&state, running))
            }
        }
    }

    /// A task of its own, so that a caller who is cancelled does not break the shutdown of the others.
    private func shutDown(_ state: inout State, _ running: Running?) -> Task<Void, Never> {
        let signal = state.signal
        let task = Task.detached { [context, end] in
            await context.beforeShutdown(signal: signal)
            await running?.services.stop()
            await context.close(signal: signal)
            end.open()
        }
        state.phase = .closing(task)
        return task
    }

    private func requestEnd(_ start: Task<Void, any Error>?) {
        state.withLock { $0.isAsked = true }
        start?.cancel()
        end.open()
    }

    private func cancelServers() {
        state.withLock { state in
            if case .running(let running) = state.phase { running.services.cancel() }
        }
    }

    /// The first signal asks for the end, the next one does not wait for it.
    private func obey(_ signal: UnixSignal) {
        let (isFirst, start) = state.withLock { state in
            defer { state.signal = state.signal ?? "\(signal)" }
            return (state.signal == nil, state.start)
        }
        isFirst ? requestEnd(start) : cancelServers()
    }
}
