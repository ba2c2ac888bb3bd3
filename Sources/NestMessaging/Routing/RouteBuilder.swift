/// Makes the routes of one server: handlers joined with their controllers and with what stands around them.
struct RouteBuilder: Sendable {
    let chains: ChainBuilder
    let transport: String
    let options: MicroserviceOptions

    func routes(for plans: [HandlerPlan]) async throws -> [Route] {
        let logger = options.resolvedLogger
        var routes: [Route] = []
        for plan in plans { routes.append(try await route(for: plan, logger)) }
        return routes
    }

    private func route(for plan: HandlerPlan, _ logger: Logger) async throws -> Route {
        let chain = try await chains.chain(
            for: plan.enhancers, in: plan.entry.module, inheritsGlobals: options.inheritsGlobals)
        let isScoped = plan.entry.isRequestScoped || chain.needsScope
        let bound = try plan.bind(try await chains.source(for: plan.entry))
        let runsInline = chain.isEmpty && !isScoped && !plan.options.blocking
        return Route(
            RouteParts(
                pattern: plan.pattern, kind: plan.kind, options: plan.options, transport: transport, logger: logger,
                controller: plan.controller, handler: plan.name, chain: chain, codec: options.codec,
                module: plan.entry.module, container: chains.context, isScoped: isScoped,
                inline: runsInline ? bound.inline : nil, invoke: bound.invoke),
            metrics: RouteMetrics(pattern: plan.pattern.name, transport: transport))
    }
}
