/// Makes the routes of one HTTP server: handlers joined with their controllers and with what stands around them.
struct HTTPRouteBuilder: Sendable {
    let chains: ChainBuilder
    let options: HTTPOptions
    let prefix: RoutePrefix

    func routes(for plans: [HTTPPlan]) async throws -> [HTTPRoute] {
        var routes: [HTTPRoute] = []
        for plan in plans { routes.append(try await route(for: plan, at: prefix.path(of: plan.path))) }
        return routes
    }

    private func route(for plan: HTTPPlan, at path: RoutePath) async throws -> HTTPRoute {
        let chain = try await chains.chain(
            for: plan.enhancers, in: plan.entry.module, inheritsGlobals: options.inheritsGlobals)
        let info = RouteInfo(
            path: path, method: plan.method, options: plan.options, controller: plan.controller, handler: plan.name,
            module: plan.entry.module, container: chains.context, server: options)
        return HTTPRoute(
            info: info, chain: chain, isScoped: plan.entry.isRequestScoped,
            bound: try plan.bind(try await chains.source(for: plan.entry)),
            metrics: HTTPRouteMetrics(method: plan.method.rawValue, route: path.description))
    }
}
