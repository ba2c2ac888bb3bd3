import Synchronization

/// The inside of an application: its objects, its listeners, and where it is in its life. What users call stands on
/// ``Application``.
public final class ApplicationHost: Sendable {
    /// What runs once started.
    struct Running: Sendable {
        var runners: [ServerRunner]
        var services: RunningServices
    }

    enum Phase {
        case made(GlobalEnhancers, [any ApplicationListener])
        case starting(Task<Void, any Error>)
        case serving
        /// Everybody who closes waits for the same end.
        case closing(Task<Void, Never>)
    }

    struct State {
        var phase: Phase
        /// The start, once there was one.
        var start: Task<Void, any Error>?
        /// From the start's end to the application's.
        var running: Running?
        /// The longest that a listener asked for.
        var drainDelay = Duration.zero
        var isRunning = false
        /// Somebody asked for the end.
        var isAsked = false
        /// The signal that ended it, such as `"SIGTERM"`.
        var signal: String?
    }

    /// The application's objects.
    package let context: ApplicationContext
    /// How they belong together.
    package let graph: ApplicationGraph
    /// How a transport behaves that is added without options of its own.
    package let options: MicroserviceOptions
    package let logger: Logger
    let state: Mutex<State>
    /// Opens when the servers end by themselves, or somebody asks for the end.
    let end = Latch()
    /// Opens when the drain delay is over, or nobody wants to wait for it.
    let drained = Latch()

    init(
        context: ApplicationContext, graph: ApplicationGraph, listeners: [any ApplicationListener],
        options: MicroserviceOptions
    ) {
        self.context = context
        self.graph = graph
        self.options = options
        logger = options.resolvedLogger
        state = Mutex(State(phase: .made(GlobalEnhancers(), listeners)))
    }
}

// MARK: - Settings

extension ApplicationHost {
    /// Adds a listener. Throws `WiringError` when it has problems, `ApplicationError` after the start.
    package func add(_ listener: any ApplicationListener) throws {
        let problems = listener.problems(in: graph)
        guard problems.isEmpty else { throw WiringError(problems) }
        try settings { _, listeners in listeners.append(listener) }
    }

    /// Changes what stands around handlers, or the listeners. Throws `ApplicationError` after the start.
    package func settings(_ change: (inout GlobalEnhancers, inout [any ApplicationListener]) -> Void) throws {
        let isOpen = state.withLock { state in
            guard case .made(var globals, var listeners) = state.phase else { return false }
            change(&globals, &listeners)
            state.phase = .made(globals, listeners)
            return true
        }
        guard isOpen else { throw ApplicationError(.alreadyRunning, "settings come before the application is started") }
    }

    /// Throws `ApplicationError` after the start: for settings that a listener keeps itself.
    package func checkSettable() throws { try settings { _, _ in } }
}

// MARK: - Seen from outside

extension ApplicationHost {
    /// Where its servers are found, in the order they were added.
    package var endpoints: [Endpoint] { runners.compactMap(\.server.endpoint) }

    /// How its servers are doing, by their transports' names; a second one of a transport is called `tcp-2`.
    package func health() async -> [String: HealthStatus] {
        let runners = runners
        var statuses: [String: HealthStatus] = [:]
        for (name, runner) in zip(HealthNames.unique(runners.map(\.transport)), runners) {
            statuses[name] = await runner.server.health()
        }
        return statuses
    }

    private var runners: [ServerRunner] { state.withLock { $0.running?.runners ?? [] } }
}
