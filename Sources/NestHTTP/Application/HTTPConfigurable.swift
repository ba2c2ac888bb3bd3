public import Hummingbird
public import HummingbirdCore

/// Something with an HTTP server whose settings can be made: ``NestApplication``, and the listener that
/// `Microservice.alsoListenHTTP` hands out. Settings come before the start; after it they throw `ApplicationError`.
public protocol HTTPConfigurable {
    /// Where the settings are kept.
    var http: HTTPListener { get }
}

extension HTTPConfigurable {
    /// Puts something before the paths of all controllers' routes: `"api"` makes `/orders` `/api/orders`.
    ///
    /// - Parameters:
    ///   - prefix: One or more segments.
    ///   - exclude: Routes that stay as they are, written as controllers and handlers write them.
    @discardableResult
    public func setGlobalPrefix(_ prefix: String, exclude: [String] = []) throws -> Self {
        try set { $0.prefix = RoutePrefix(text: prefix, excluded: exclude.map { RoutePath($0) }) }
    }

    /// Lets browsers of other origins use the answers.
    @discardableResult
    public func enableCORS(_ options: CORSOptions = CORSOptions()) throws -> Self {
        try set { $0.options.cors = options }
    }

    /// Compresses answers for those who ask for it.
    @discardableResult
    public func enableCompression(_ options: CompressionOptions = CompressionOptions()) throws -> Self {
        try set { $0.options.compression = options }
    }

    /// Puts one of Hummingbird's middlewares around everything: routes, Hummingbird's router and 404s. The first one is
    /// outermost. What it throws becomes a problem document.
    @discardableResult
    public func use(
        _ middleware: any MiddlewareProtocol<HummingbirdRequest, HummingbirdResponse, HTTPRequestContext>
    ) throws -> Self {
        try set { $0.middleware.append(middleware) }
    }

    /// Adds routes of Hummingbird's own, for what controllers do not answer. Prefix, guards and the like do not reach
    /// them.
    ///
    /// ```swift
    /// try app.configureRouter { router in router.get("metrics") { _, _ in page } }
    /// ```
    @discardableResult
    public func configureRouter(
        _ configure: @escaping @Sendable (Router<HTTPRequestContext>) -> Void
    ) throws -> Self { try set { $0.routers.append(configure) } }

    /// Answers 200 on this path as long as the process answers at all. The path is not prefixed.
    @discardableResult
    public func enableHealthCheck(_ path: String = "/health/live") throws -> Self {
        try set { $0.health.append(HealthRoute(path: RoutePath(path), indicators: nil)) }
    }

    /// Answers on this path whether the application wants to be called: 200, or 503 while it starts, while an indicator
    /// is down, and from the moment it shuts down. The path is not prefixed.
    ///
    /// The body is `{"status","info","error","details"}`. Indicators are asked at the same time, each for two seconds at
    /// most and not more often than once a second.
    @discardableResult
    public func enableReadinessCheck(
        _ path: String = "/health/ready", _ indicators: [any HealthIndicator] = []
    ) throws -> Self {
        try set { $0.health.append(HealthRoute(path: RoutePath(path), indicators: indicators)) }
    }

    private func set(_ change: (inout HTTPSettings) -> Void) throws -> Self {
        try http.set(change)
        return self
    }
}
