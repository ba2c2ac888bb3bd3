import ServiceLifecycle
import Synchronization
import UnixSignals

extension ApplicationHost {
    /// See ``Application/listen()``.
    package func listen() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let watch = Task.detached {
            for await signal in signals { self.obey("\(signal)") }
        }
        defer { watch.cancel() }
        try await run()
    }

    /// See ``Application/run()``.
    package func run() async throws {
        try claimRun()
        let (start, isOver) = try startUnlessStarted()
        if isOver {
            try await start.value
            throw ApplicationError(.closed, "the application is closed")
        }
        if isAsked { start.cancel() }
        let failure = await withTaskCancellationHandler {
            await serve(start)
        } onCancel: {
            hurry()
            requestEnd(start)
        }
        if let failure { throw failure }
        if !isAsked { try await start.value }
    }

    /// Waits for the end and for all that comes with it. Returns what made a server fail.
    private func serve(_ start: Task<Void, any Error>) async -> (any Error)? {
        await withGracefulShutdownHandler {
            _ = await start.result
            if Task.isCancelled { hurry() }
            if isServing { await end.wait() }
        } onGracefulShutdown: {
            self.requestEnd(start)
        }
        let services = services
        await close()
        return await services?.failure()
    }

    private func claimRun() throws {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { throw ApplicationError(.alreadyRunning, "the application runs already") }
    }

    private var isServing: Bool {
        state.withLock { state in
            if case .serving = state.phase { return true }
            return false
        }
    }

    /// Somebody asked for the end before it came by itself.
    private var isAsked: Bool { state.withLock { $0.isAsked } }

    private var services: RunningServices? { state.withLock { $0.running?.services } }

    private func requestEnd(_ start: Task<Void, any Error>?) {
        state.withLock { $0.isAsked = true }
        start?.cancel()
        end.open()
    }

    /// The first signal asks for the end, the next one does not wait for it.
    func obey(_ signal: String) {
        let (isFirst, start) = state.withLock { state in
            defer { state.signal = state.signal ?? signal }
            return (state.signal == nil, state.start)
        }
        isFirst ? requestEnd(start) : hurry()
    }

    /// Whoever runs now is cancelled, and nobody waits for callers to notice.
    private func hurry() {
        drained.open()
        services?.cancel()
    }
}
