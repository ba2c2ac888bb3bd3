extension Application {
    /// Puts guards before every handler, in this order.
    @discardableResult
    public func useGlobalGuards(_ guards: GuardReference...) throws -> Self {
        try globals { $0.enhancers.guards += guards }
    }

    /// Puts guards before every handler, in this order.
    @discardableResult
    public func useGlobalGuards(_ guards: any Guard...) throws -> Self {
        try globals { $0.enhancers.guards += guards.map { GuardReference($0) } }
    }

    /// Puts interceptors around every handler, the first one outermost.
    @discardableResult
    public func useGlobalInterceptors(_ interceptors: InterceptorReference...) throws -> Self {
        try globals { $0.enhancers.interceptors += interceptors }
    }

    /// Puts interceptors around every handler, the first one outermost.
    @discardableResult
    public func useGlobalInterceptors(_ interceptors: any Interceptor...) throws -> Self {
        try globals { $0.enhancers.interceptors += interceptors.map { InterceptorReference($0) } }
    }

    /// Puts pipes before every handler, in this order.
    @discardableResult
    public func useGlobalPipes(_ pipes: PipeReference...) throws -> Self {
        try globals { $0.enhancers.pipes += pipes }
    }

    /// Puts pipes before every handler, in this order.
    @discardableResult
    public func useGlobalPipes(_ pipes: any Pipe...) throws -> Self {
        try globals { $0.enhancers.pipes += pipes.map { PipeReference($0) } }
    }

    /// Adds filters for what handlers throw; asked after the handler's and the controller's own.
    @discardableResult
    public func useGlobalFilters(_ filters: FilterReference...) throws -> Self {
        try globals { $0.enhancers.filters += filters }
    }

    /// Adds filters for what handlers throw; asked after the handler's and the controller's own.
    @discardableResult
    public func useGlobalFilters(_ filters: any ExceptionFilter...) throws -> Self {
        try globals { $0.enhancers.filters += filters.map { FilterReference($0) } }
    }

    /// Puts something around everything, guards included: task-local values, measuring.
    @discardableResult
    public func useGlobalMiddleware(_ middleware: any Interceptor...) throws -> Self {
        try globals { $0.middleware += middleware }
    }

    /// Lets the same controllers be reached by a further transport.
    ///
    /// - Parameters:
    ///   - transport: What carries the messages.
    ///   - options: What this transport differs in; nil: as the application.
    /// - Throws: `WiringError` when a handler asks for what the transport, as configured, cannot do.
    @discardableResult
    public func connectMicroservice(
        _ transport: some Transport, options: MicroserviceOptions? = nil
    ) throws -> Self {
        let options = options ?? host.options
        try options.validate()
        try host.add(MessageListener(transport: transport, options: options))
        return self
    }

    private func globals(_ change: (inout GlobalEnhancers) -> Void) throws -> Self {
        try host.settings { globals, _ in change(&globals) }
        return self
    }
}
