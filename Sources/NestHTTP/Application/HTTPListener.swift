import Synchronization

/// An application's HTTP server to be: its routes are those of the controllers, its settings are made through
/// ``HTTPConfigurable``.
public final class HTTPListener: HTTPConfigurable {
    private struct State {
        var settings: HTTPSettings
        var isStarted = false
        var server: HTTPServer?
    }

    private let state: Mutex<State>

    init(_ options: HTTPOptions) { state = Mutex(State(settings: HTTPSettings(options: options))) }

    /// Itself.
    public var http: HTTPListener { self }

    var settings: HTTPSettings { state.withLock { $0.settings } }

    /// What answers, once the application was started: for tests that need no socket.
    var front: HTTPFront? { state.withLock { $0.server?.front } }

    func set(_ change: (inout HTTPSettings) -> Void) throws {
        let isOpen = state.withLock { state in
            guard !state.isStarted else { return false }
            change(&state.settings)
            return true
        }
        guard isOpen else { throw ApplicationError(.alreadyRunning, "settings come before the application is started") }
    }

    /// Takes another port than the options say; 0 is a free one.
    package func set(port: Int) throws { try set { $0.options.port = port } }
}

extension HTTPListener: ApplicationListener {
    package var transport: String { "http" }
    package var drainDelay: Duration { settings.options.drainDelay }

    package func problems(in graph: ApplicationGraph) -> [String] {
        let plans = HTTPPlan.all(of: graph.controllers)
        return HTTPChecks.problems(in: plans) + HTTPChecks.problems(in: plans, dependingOn: graph)
    }

    package func makeRunner(_ parts: ApplicationParts) async throws -> ServerRunner {
        let settings = state.withLock { state in
            state.isStarted = true
            return state.settings
        }
        try settings.options.validate()
        let server = try HTTPServer(options: settings.options, front: try await front(settings, parts))
        state.withLock { $0.server = server }
        return ServerRunner(
            server: server, transport: transport, policy: .failFast, logger: settings.options.resolvedLogger)
    }

    private func front(_ settings: HTTPSettings, _ parts: ApplicationParts) async throws -> HTTPFront {
        let builder = HTTPRouteBuilder(chains: parts.chains, options: settings.options, prefix: settings.prefix)
        let routes = try await builder.routes(for: HTTPPlan.all(of: parts.context.controllers))
        let probes = settings.health.map { route in
            RouteTree<HTTPTarget>.Entry(
                path: route.path, method: .get, value: .probe(route.probe(parts.host, logger: parts.logger)))
        }
        return HTTPFront(
            routes: RouteTree(
                probes + routes.map { .init(path: $0.info.path, method: $0.info.method, value: .route($0)) }),
            fallback: HummingbirdRouter.responder(settings.routers), middleware: settings.allMiddleware,
            options: settings.options)
    }
}
