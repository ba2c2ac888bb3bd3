/// What a request knows about its route: what prefix, controller, handler and server say together.
final class RouteInfo: Sendable {
    /// With the prefix: `/api/orders/:id`.
    let path: RoutePath
    let method: HTTPRequest.Method
    let options: HTTPHandlerOptions
    let controller: any Controller.Type
    let handler: String
    let module: ModuleHandle
    let container: ApplicationContext
    let codec: JSONCodec
    let logger: Logger
    let maxBodySize: Int
    let timeout: Duration?

    init(
        path: RoutePath, method: HTTPRequest.Method, options: HTTPHandlerOptions, controller: any Controller.Type,
        handler: String, module: ModuleHandle, container: ApplicationContext, server: HTTPOptions
    ) {
        self.path = path
        self.method = method
        self.options = options
        self.controller = controller
        self.handler = handler
        self.module = module
        self.container = container
        codec = server.codec
        logger = server.resolvedLogger
        maxBodySize = options.maxBodySize ?? server.maxBodySize
        timeout = options.timeout ?? server.requestTimeout
    }
}
