public import ServiceLifecycle
import Synchronization

/// An application whose controllers answer messages: made by ``NestCore/NestFactory``, started by ``listen()``, or by
/// ``run()`` as a service among others.
///
/// Its life has one direction: made, started, closed. Settings (`useGlobal…`, ``connectMicroservice(_:options:)``) come
/// before the start.
public final class Microservice: Service {
    /// One server to be: its transport and what it may differ in.
    struct Listener: Sendable {
        var transport: any Transport
        var options: MicroserviceOptions
    }

    /// What runs once started.
    struct Running: Sendable {
        var runners: [ServerRunner]
        var services: RunningServices
    }

    enum Phase {
        case made(GlobalEnhancers, [Listener])
        case starting(Task<Void, any Error>)
        case running(Running)
        /// Everybody who closes waits for the same end.
        case closing(Task<Void, Never>)
    }

    struct State {
        var phase: Phase
        /// The start, once there was one.
        var start: Task<Void, any Error>?
        var isRunning = false
        /// Somebody asked for the end.
        var isAsked = false
        /// The signal that ended it, such as `"SIGTERM"`.
        var signal: String?
    }

    /// The application's objects.
    package let context: ApplicationContext
    let plans: [HandlerPlan]
    let options: MicroserviceOptions
    let state: Mutex<State>
    /// Opens when the servers end by themselves, or somebody asks for the end.
    let end = Latch()
    var logger: Logger { options.resolvedLogger }

    init(context: ApplicationContext, plans: [HandlerPlan], listener: Listener) {
        self.context = context
        self.plans = plans
        options = listener.options
        state = Mutex(State(phase: .made(GlobalEnhancers(), [listener])))
    }
}

// MARK: - Objects

extension Microservice {
    /// A singleton of the application. Throws `ApplicationError` when the root module cannot see it.
    public func get<T>(_ type: T.Type = T.self, named name: String? = nil) throws -> T {
        try context.get(type, named: name)
    }

    /// Any provider the root module can see; a request-scoped one is made in a scope of its own.
    public func resolve<T>(_ type: T.Type = T.self, named name: String? = nil) async throws -> T {
        try await context.resolve(type, named: name)
    }
}

// MARK: - Settings

extension Microservice {
    /// Puts guards before every handler, in this order.
    @discardableResult
    public func useGlobalGuards(_ guards: GuardReference...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.guards += guards }
    }

    /// Puts guards before every handler, in this order.
    @discardableResult
    public func useGlobalGuards(_ guards: any Guard...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.guards += guards.map { GuardReference($0) } }
    }

    /// Puts interceptors around every handler, the first one outermost.
    @discardableResult
    public func useGlobalInterceptors(_ interceptors: InterceptorReference...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.interceptors += interceptors }
    }

    /// Puts interceptors around every handler, the first one outermost.
    @discardableResult
    public func useGlobalInterceptors(_ interceptors: any Interceptor...) throws -> Microservice {
        try settings { globals, _ in
            globals.enhancers.interceptors += interceptors.map { InterceptorReference($0) }
        }
    }

    /// Puts pipes before every handler, in this order.
    @discardableResult
    public func useGlobalPipes(_ pipes: PipeReference...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.pipes += pipes }
    }

    /// Puts pipes before every handler, in this order.
    @discardableResult
    public func useGlobalPipes(_ pipes: any Pipe...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.pipes += pipes.map { PipeReference($0) } }
    }

    /// Adds filters for what handlers throw; asked after the handler's and the controller's own.
    @discardableResult
    public func useGlobalFilters(_ filters: FilterReference...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.filters += filters }
    }

    /// Adds filters for what handlers throw; asked after the handler's and the controller's own.
    @discardableResult
    public func useGlobalFilters(_ filters: any ExceptionFilter...) throws -> Microservice {
        try settings { globals, _ in globals.enhancers.filters += filters.map { FilterReference($0) } }
    }

    /// Puts something around everything, guards included: task-local values, measuring.
    @discardableResult
    public func useGlobalMiddleware(_ middleware: any Interceptor...) throws -> Microservice {
        try settings { globals, _ in globals.middleware += middleware }
    }

    /// Lets the same controllers be reached by a further transport.
    ///
    /// - Parameters:
    ///   - transport: What carries the messages.
    ///   - options: What this transport differs in; nil: as the first.
    /// - Throws: `WiringError` when a handler asks for what the transport, as configured, cannot do.
    @discardableResult
    public func connectMicroservice(
        _ transport: some Transport, options: MicroserviceOptions? = nil
    ) throws -> Microservice {
        let listener = Listener(transport: transport, options: options ?? self.options)
        try Self.check(plans, listener)
        return try settings { _, listeners in listeners.append(listener) }
    }

    private func settings(_ change: (inout GlobalEnhancers, inout [Listener]) -> Void) throws -> Microservice {
        let isOpen = state.withLock { state in
            guard case .made(var globals, var listeners) = state.phase else { return false }
            change(&globals, &listeners)
            state.phase = .made(globals, listeners)
            return true
        }
        guard isOpen else { throw ApplicationError(.alreadyRunning, "settings come before the application is started") }
        return self
    }
}

// MARK: - Seen from outside

extension Microservice {
    /// Where its servers are found, in the order they were added: `tcp://127.0.0.1:4000`. Empty before the start.
    public var endpoints: [Endpoint] { runners.compactMap(\.server.endpoint) }

    /// How its servers are doing, by their transports' names; a second one of a transport is called `tcp-2`.
    public func health() async -> [String: HealthStatus] {
        var statuses: [String: HealthStatus] = [:]
        for runner in runners {
            let status = await runner.server.health()
            var name = runner.transport
            var number = 2
            while statuses[name] != nil {
                name = "\(runner.transport)-\(number)"
                number += 1
            }
            statuses[name] = status
        }
        return statuses
    }

    private var runners: [ServerRunner] {
        state.withLock { state in
            guard case .running(let running) = state.phase else { return [] }
            return running.runners
        }
    }
}
