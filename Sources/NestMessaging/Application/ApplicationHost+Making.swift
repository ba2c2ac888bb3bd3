extension ApplicationHost {
    /// Makes an application's objects. Calls no hook, starts nothing.
    ///
    /// - Parameters:
    ///   - module: The root module.
    ///   - modules: More modules, as if the root module imported them.
    ///   - overrides: For tests: what to provide instead.
    ///   - requestValues: The contexts that the application's listeners seed their calls' scopes with.
    ///   - listeners: What it will listen to; ``add(_:)`` adds more.
    ///   - options: How transports behave that are added without options of their own; its logger is the
    ///     application's.
    /// - Throws: `WiringError` with everything that is wrong with modules and handlers, before any object is made; what
    ///   a factory throws.
    package static func make<M: Module>(
        _ module: M.Type, modules: [DynamicModule], overrides: [ProviderOverride], requestValues: [any Any.Type],
        listeners: [any ApplicationListener], options: MicroserviceOptions
    ) async throws -> ApplicationHost {
        let graph = ApplicationGraph(
            root: module, modules: modules + [DynamicModule(MessagingModule.self)], overrides: overrides,
            requestValues: requestValues, logger: options.resolvedLogger)
        let plans = HandlerPlan.all(of: graph.controllers)
        try graph.check(
            also: HandlerChecks.problems(in: plans) + HandlerChecks.problems(in: plans, dependingOn: graph)
                + listeners.flatMap { $0.problems(in: graph) })
        let context = try await graph.makeContext()
        return ApplicationHost(context: context, graph: graph, listeners: listeners, options: options)
    }
}

/// What every application has, whatever its modules say.
private enum MessagingModule: Module {
    static var metadata: ModuleMetadata { ModuleMetadata(imports: [ModuleImport(EventsModule.self)]) }
}
