extension Microservice {
    /// Lets the application be reached by HTTP too: by the routes of its controllers, and by probes.
    ///
    /// Providers that depend on ``HTTPContext`` need an application made by `NestFactory.create`.
    ///
    /// - Parameters:
    ///   - port: The port to listen on; 0 takes a free one.
    ///   - options: How the front behaves; `port` goes before theirs.
    ///   - configure: Makes settings, such as `{ try $0.enableReadinessCheck() }`.
    /// - Throws: `WiringError` for routes that cannot work, ``TransportError`` for options that cannot; what `configure`
    ///   throws; `ApplicationError` after the start.
    @discardableResult
    public func alsoListenHTTP(
        port: Int, options: HTTPOptions = HTTPOptions(), configure: (HTTPListener) throws -> Void = { _ in }
    ) throws -> Self {
        var options = options
        options.port = port
        options.logger = options.logger ?? host.options.logger
        try options.validate()
        let listener = HTTPListener(options)
        try configure(listener)
        try host.add(listener)
        return self
    }
}
