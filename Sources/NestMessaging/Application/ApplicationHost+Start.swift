import Synchronization

extension ApplicationHost {
    /// See ``Application/start()``.
    package func start() async throws {
        let start = try beginStart()
        try await withTaskCancellationHandler {
            try await start.value
        } onCancel: {
            start.cancel()
        }
    }

    /// A task of its own, so that whoever closes can give it up.
    private func beginStart() throws -> Task<Void, any Error> {
        try state.withLock { state in
            guard case .made(let globals, let listeners) = state.phase else {
                throw ApplicationError(.alreadyRunning, "the application was started already")
            }
            return start(&state, listeners, globals)
        }
    }

    /// The start, and whether the application was closed after it.
    func startUnlessStarted() throws -> (Task<Void, any Error>, isOver: Bool) {
        try state.withLock { state in
            if let start = state.start {
                if case .closing = state.phase { return (start, true) }
                return (start, false)
            }
            guard case .made(let globals, let listeners) = state.phase else {
                throw ApplicationError(.closed, "the application is closed")
            }
            return (start(&state, listeners, globals), false)
        }
    }

    private func start(
        _ state: inout State, _ listeners: [any ApplicationListener], _ globals: GlobalEnhancers
    ) -> Task<Void, any Error> {
        let task = Task { try await start(listeners, globals) }
        state.phase = .starting(task)
        state.start = task
        state.drainDelay = listeners.map(\.drainDelay).max() ?? .zero
        return task
    }

    private func start(_ listeners: [any ApplicationListener], _ globals: GlobalEnhancers) async throws {
        var started: [ServerRunner] = []
        do {
            try await context.initialize()
            for runner in try await makeRunners(listeners, globals) {
                started.append(runner)
                try await runner.start()
            }
            try Task.checkCancellation()
            serve(started)
        } catch {
            for runner in started { await runner.abandon() }
            await abandon()
            throw error
        }
    }

    private func makeRunners(
        _ listeners: [any ApplicationListener], _ globals: GlobalEnhancers
    ) async throws -> [ServerRunner] {
        let parts = ApplicationParts(context: context, globals: globals, host: self, logger: logger)
        var runners: [ServerRunner] = []
        for listener in listeners { runners.append(try await listener.makeRunner(parts)) }
        return runners
    }

    /// What runs is kept in the state and awaited by ``close()``: nothing outlives the application.
    private func serve(_ runners: [ServerRunner]) {
        let services = context.services + [ServersService(runners: runners, logger: logger)]
        let running = RunningServices(services, logger: logger) { [end, drained] in
            drained.open()
            end.open()
        }
        state.withLock { state in
            state.running = Running(runners: runners, services: running)
            state.phase = .serving
        }
    }

    /// The start failed: what was made is taken down, and nobody can start again.
    private func abandon() async {
        let task = Task.detached { [context] in await context.close() }
        state.withLock { $0.phase = .closing(task) }
        end.open()
        await task.value
    }
}
