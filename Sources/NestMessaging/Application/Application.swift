public import ServiceLifecycle

/// An application, whatever reaches it: ``Microservice`` answers messages, `NestApplication` (of `NestHTTP`) answers
/// HTTP, and either may have further listeners.
///
/// Its life has one direction: made, started, closed. Settings (`useGlobal…`, ``connectMicroservice(_:options:)``) come
/// before the start. All that applications share is an extension of this protocol.
public protocol Application: Service {
    /// What holds its objects, its servers and its state.
    var host: ApplicationHost { get }
}

// MARK: - Objects

extension Application {
    /// A singleton of the application. Throws `ApplicationError` when the root module cannot see it.
    public func get<T>(_ type: T.Type = T.self, named name: String? = nil) throws -> T {
        try host.context.get(type, named: name)
    }

    /// Any provider the root module can see; a request-scoped one is made in a scope of its own.
    public func resolve<T>(_ type: T.Type = T.self, named name: String? = nil) async throws -> T {
        try await host.context.resolve(type, named: name)
    }
}

// MARK: - Life

extension Application {
    /// Calls the hooks on the way up and starts every server. When it returns, a caller that connects now is served.
    ///
    /// - Throws: What a hook or a server threw, after everything that had started was shut down again; the application
    ///   is closed then. `ApplicationError.Code.alreadyRunning` at the second call. `CancellationError` when the
    ///   application was closed meanwhile.
    public func start() async throws { try await host.start() }

    /// Starts, and serves until SIGINT or SIGTERM: then shuts down gracefully and returns. A second signal closes at
    /// once.
    public func listen() async throws { try await host.listen() }

    /// The whole life as a service: starts (unless ``start()`` was called), serves until graceful shutdown, then closes.
    /// Cancellation closes at once.
    ///
    /// - Throws: What ``start()`` throws, and what made a server end by itself.
    public func run() async throws { try await host.run() }

    /// Shuts down gracefully: readiness tells no, `beforeApplicationShutdown` is called, `drainDelay` passes; then no new
    /// messages are taken, running handlers finish within `shutdownTimeout`, their answers are flushed and the other
    /// hooks on the way down are called. A start that is still going on is given up. Calling it again waits for the same
    /// end.
    public func close() async { await host.close() }
}

// MARK: - Seen from outside

extension Application {
    /// Where its servers are found, in the order they were added: `tcp://127.0.0.1:4000`. Empty before the start and
    /// after the end.
    public var endpoints: [Endpoint] { host.endpoints }

    /// Whether it wants to be called: every listener has started, and nobody has asked for the end.
    public var isReady: Bool { host.isReady }

    /// How its servers are doing, by their transports' names; a second one of a transport is called `tcp-2`.
    public func health() async -> [String: HealthStatus] { await host.health() }
}
