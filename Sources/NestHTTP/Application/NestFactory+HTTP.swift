extension NestFactory {
    /// Makes an application whose controllers answer HTTP.
    ///
    /// ```swift
    /// let app = try await NestFactory.create(AppModule.self)
    /// try await app.listen(port: 3000)
    /// ```
    ///
    /// All singletons are made; nothing listens yet.
    ///
    /// - Parameters:
    ///   - module: The root module.
    ///   - modules: More modules, as if the root module imported them.
    ///   - options: How the front behaves.
    ///   - overrides: For tests: what to provide instead.
    /// - Throws: `WiringError` with everything that is wrong with modules and handlers, before any object is made;
    ///   ``TransportError`` for options that cannot work; what a factory throws.
    public static func create<M: Module>(
        _ module: M.Type, modules: [DynamicModule] = [], options: HTTPOptions = HTTPOptions(),
        overrides: [ProviderOverride] = []
    ) async throws -> NestApplication {
        try options.validate()
        let listener = HTTPListener(options)
        var messages = MicroserviceOptions(name: options.name)
        messages.logger = options.logger
        messages.codec = options.codec
        messages.eventLoopGroup = options.eventLoopGroup
        messages.shutdownTimeout = options.shutdownTimeout
        let host = try await ApplicationHost.make(
            module, modules: modules, overrides: overrides, requestValues: [MessageContext.self, HTTPContext.self],
            listeners: [listener], options: messages)
        return NestApplication(host: host, http: listener)
    }
}
