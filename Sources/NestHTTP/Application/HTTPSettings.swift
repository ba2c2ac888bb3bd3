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
}
