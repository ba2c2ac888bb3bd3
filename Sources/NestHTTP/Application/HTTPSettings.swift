import Hummingbird
import HummingbirdCore

/// What is set of an HTTP server before it starts.
struct HTTPSettings: Sendable {
    var options: HTTPOptions
    var prefix: RoutePrefix
    var middleware: [any MiddlewareProtocol<HummingbirdRequest, Response, HTTPRequestContext>] = []
    var routers: [@Sendable (Router<HTTPRequestContext>) -> Void] = []
    var health: [HealthRoute] = []

    init(options: HTTPOptions) {
        self.options = options
        prefix = RoutePrefix(text: options.prefix)
    }

    /// In the order they see a request: CORS first, so that refusals have its fields too.
    var allMiddleware: [any MiddlewareProtocol<HummingbirdRequest, Response, HTTPRequestContext>] {
        (options.cors.map { [CORSByOrigin($0)] } ?? []) + middleware
    }
}
