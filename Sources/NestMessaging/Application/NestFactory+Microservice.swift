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
    ///   - transport: What carries the messages. More can be added by ``Microservice/connectMicroservice(_:options:)``.
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
        let listener = Microservice.Listener(transport: transport, options: options)
        let graph = ApplicationGraph(
            root: module, modules: modules + [DynamicModule(MessagingModule.self)], overrides: overrides,
            requestValues: [MessageContext.self], logger: options.resolvedLogger)
        let plans = HandlerPlan.all(of: graph.controllers)
        try graph.check(also: Microservice.problems(plans, listener, graph))
        let context = try await graph.makeContext()
        return Microservice(context: context, plans: plans, listener: listener)
    }
}

/// What every microservice has, whatever its modules say.
private enum MessagingModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata(imports: [ModuleImport(EventsModule.self)]) }
}

extension Microservice {
    static func problems(_ plans: [HandlerPlan], _ listener: Listener, _ graph: ApplicationGraph) -> [String] {
        HandlerChecks.problems(in: plans) + HandlerChecks.problems(in: plans, dependingOn: graph)
            + HandlerChecks.problems(in: plans, on: listener.transport, options: listener.options)
    }

    static func check(_ plans: [HandlerPlan], _ listener: Listener) throws {
        try listener.options.validate()
        let problems = HandlerChecks.problems(in: plans, on: listener.transport, options: listener.options)
        guard problems.isEmpty else { throw WiringError(problems) }
    }
}
