extension NestFactory {
    /// Makes an application whose controllers answer messages that `transport` carries.
    ///
    /// ```swift
    /// let app = try await NestFactory.createMicroservice(AppModule.self, transport: .tcp(port: 4000))
    /// try await app.listen()
    /// ```
    ///
    /// All singletons are made; nothing listens yet.
    ///
    /// - Parameters:
    ///   - module: The root module.
    ///   - transport: What carries the messages. More can be added by ``Application/connectMicroservice(_:options:)``.
    ///   - modules: More modules, as if the root module imported them.
    ///   - options: How the service behaves.
    ///   - overrides: For tests: what to provide instead.
    /// - Throws: `WiringError` with everything that is wrong with modules and handlers, before any object is made;
    ///   ``TransportError`` for options that cannot work; what a factory throws.
    public static func createMicroservice<M: Module>(
        _ module: M.Type, transport: some Transport, modules: [DynamicModule] = [],
        options: MicroserviceOptions = MicroserviceOptions(), overrides: [ProviderOverride] = []
    ) async throws -> Microservice {
        try options.validate()
        let host = try await ApplicationHost.make(
            module, modules: modules, overrides: overrides, requestValues: [MessageContext.self],
            listeners: [MessageListener(transport: transport, options: options)], options: options)
        return Microservice(host: host)
    }
}
