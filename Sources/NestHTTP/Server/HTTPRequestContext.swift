public import Hummingbird
public import Logging
public import NIOCore

/// The context that Hummingbird's middleware and routers are given: see `NestApplication.use(_:)` and
/// `NestApplication.configureRouter(_:)`.
public struct HTTPRequestContext: RequestContext, RemoteAddressRequestContext {
    /// What a context is made of.
    public struct Source: RequestContextSource {
        /// Carries the request's name.
        public var logger: Logger
        let connection: HTTPConnection?

        init(logger: Logger, connection: HTTPConnection?) {
            self.logger = logger
            self.connection = connection
        }
    }

    /// Hummingbird's part of it.
    public var coreContext: CoreRequestContextStorage
    let connection: HTTPConnection?

    /// A context for one request.
    public init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        connection = source.connection
    }

    /// The peer's address: the proxy's, if there is one.
    public var remoteAddress: SocketAddress? { connection?.channel.remoteAddress }
}
