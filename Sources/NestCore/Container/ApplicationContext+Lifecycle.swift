import Logging
import ServiceLifecycle
import Synchronization

/// Where an application is in its life.
struct Life: Sendable {
    enum Phase {
        /// Made; hooks on the way up may have been called.
        case open
        /// The latch opens when these hooks are over, well or not.
        case starting(Latch)
        /// Everybody who closes waits for the same end.
        case closing(Task<Void, Never>)
    }

    var phase = Phase.open
    /// The hooks that come before everything else on the way down.
    var before: Task<Void, Never>?
    /// The singletons that are services, once ``ApplicationContext/run()`` has started them.
    var services: RunningServices?
    var isRunning = false
    /// Nothing can be asked for any more.
    var isOver = false
}

// MARK: - Up

extension ApplicationContext {
    /// Calls the hooks on the way up.
    ///
    /// - Throws: What a hook threw, as ``ApplicationError/Code/hookFailed``, after everything was shut down again.
    package func initialize() async throws {
        try await initializeModules()
        try await bootstrap()
    }

    /// Calls every `onModuleInit`. On failure everything is shut down.
    package func initializeModules() async throws { try await start { try await hooks.initialize() } }

    /// Calls every `onApplicationBootstrap`. On failure everything is shut down.
    package func bootstrap() async throws { try await start { try await hooks.bootstrap() } }

    private func start(_ body: () async throws -> Void) async throws {
        let latch = try beginStart()
        do {
            try await body()
            if hooks.isStopped { throw ApplicationError.applicationClosed }
            endStart(latch)
        } catch {
            endStart(latch)
            await close()
            throw error
        }
    }

    private func beginStart() throws -> Latch {
        try life.withLock { life in
            switch life.phase {
            case .open: break
            case .starting: throw ApplicationError(.alreadyRunning, "the application is being started already")
            case .closing: throw ApplicationError.applicationClosed
            }
            let latch = Latch()
            life.phase = .starting(latch)
            return latch
        }
    }

    private func endStart(_ latch: Latch) {
        life.withLock { $0.phase = .open }
        latch.open()
    }
}

// MARK: - Run

extension ApplicationContext {
    /// The application as a service: runs its singletons that are services, until graceful shutdown or ``close()``,
    /// then closes. Cancellation cancels the services and closes; the hooks are called all the same.
    ///
    /// - Throws: ``ApplicationError/Code/alreadyRunning`` when called a second time, ``ApplicationError/Code/closed``
    ///   after the end, and what made a service fail: that ends the application.
    public func run() async throws {
        let services = try beginRun()
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await end.wait()
            } onGracefulShutdown: { [end] in
                end.open()
            }
        } onCancel: { [end] in
            services.cancel()
            end.open()
        }
        await close()
        if let failure = await services.failure() { throw failure }
    }

    private func beginRun() throws -> RunningServices {
        try life.withLock { life in
            guard !life.isRunning else { throw ApplicationError(.alreadyRunning, "the application runs already") }
            if case .closing = life.phase { throw ApplicationError.applicationClosed }
            let services = RunningServices(services, logger: logger) { [end] in end.open() }
            life.isRunning = true
            life.services = services
            return services
        }
    }
}

// MARK: - Down

extension ApplicationContext {
    /// Shuts down: calls the hooks on the way down, those who need others before them, and lets go of every object.
    /// Calling it again, or from several places, waits for the same end; from inside a hook it does not wait.
    public func close() async { await close(signal: nil) }

    /// Calls every `beforeApplicationShutdown`, once: for applications that have listeners to close afterwards.
    package func beforeShutdown(signal: String? = nil) async { await before(signal).value }

    /// Shuts down; what ``beforeShutdown(signal:)`` did already is not done again.
    package func close(signal: String?) async {
        hooks.stop()
        while true {
            let closing = closing(signal)
            if hooks.isInside { return }
            switch closing {
            case .wait(let latch): await latch.wait()
            case .join(let task): return await task.value
            }
        }
    }

    private enum Closing {
        /// The start is still going on.
        case wait(Latch)
        case join(Task<Void, Never>)
    }

    private func closing(_ signal: String?) -> Closing {
        life.withLock { life in
            switch life.phase {
            case .starting(let latch): return .wait(latch)
            case .closing(let task): return .join(task)
            case .open: break
            }
            // A task of its own, so that a caller who is cancelled does not break the shutdown of the others.
            let task = Task { await shutDown(signal) }
            life.phase = .closing(task)
            return .join(task)
        }
    }

    private func shutDown(_ signal: String?) async {
        await before(signal).value
        end.open()
        await life.withLock { $0.services }?.stop()
        await hooks.destroy()
        await hooks.shutdown(signal)
        life.withLock { $0.isOver = true }
        for cell in singletons { cell.clear() }
        unlisted.clear()
        hooks.clear()
    }

    /// Throws when nothing can be made any more.
    func ensureOpen() throws {
        if life.withLock({ $0.isOver }) { throw ApplicationError.applicationClosed }
    }

    private func before(_ signal: String?) -> Task<Void, Never> {
        life.withLock { life in
            if let before = life.before { return before }
            let task = Task { [hooks] in await hooks.beforeShutdown(signal) }
            life.before = task
            return task
        }
    }
}
