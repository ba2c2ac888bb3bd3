/// Makes the routes of one server: handlers joined with their controllers and with what stands around them.
struct RouteBuilder: Sendable {
    let context: ApplicationContext
    let globals: GlobalEnhancers
    let transport: String
    let options: MicroserviceOptions

    func routes(for plans: [HandlerPlan]) async throws -> [Route] {
        let logger = options.resolvedLogger
        var routes: [Route] = []
        for plan in plans { routes.append(try await route(for: plan, logger)) }
        return routes
    }

    private func route(for plan: HandlerPlan, _ logger: Logger) async throws -> Route {
        let chain = try await chain(for: plan)
        let isScoped = plan.entry.isRequestScoped || chain.needsScope
        let bound = try plan.bind(try await source(for: plan.entry))
        let runsInline = chain.isEmpty && !isScoped && !plan.options.blocking
        return Route(
            RouteParts(
                pattern: plan.pattern, kind: plan.kind, options: plan.options, transport: transport, logger: logger,
                controller: plan.controller, handler: plan.name, chain: chain, codec: options.codec,
                module: plan.entry.module, container: context, isScoped: isScoped,
                inline: runsInline ? bound.inline : nil, invoke: bound.invoke),
            metrics: RouteMetrics(pattern: plan.pattern.name, transport: transport))
    }

    private func source(for entry: ControllerEntry) async throws -> ControllerSource {
        guard entry.isRequestScoped else {
            return .singleton(try await context.controller(entry, in: nil))
        }
        return .perMessage { [context] scope in try await context.controller(entry, in: scope) }
    }

    private func chain(for plan: HandlerPlan) async throws -> HandlerChain {
        let module = plan.entry.module
        var chain = HandlerChain(middleware: options.inheritsGlobals ? globals.middleware : [])
        let around = (options.inheritsGlobals ? [globals.enhancers] : []) + plan.enhancers
        for enhancers in around {
            chain.guards += try await links(enhancers.guards.map(\.source), module)
            chain.interceptors += try await links(enhancers.interceptors.map(\.source), module)
            chain.pipes += try await links(enhancers.pipes.map(\.source), module)
        }
        for enhancers in around.reversed() {
            chain.filters += try await links(enhancers.filters.map(\.source), module)
        }
        return chain
    }

    private func links<Enhancer: Sendable>(
        _ sources: [EnhancerSource<Enhancer>], _ module: ModuleHandle
    ) async throws -> [HandlerChain.Link<Enhancer>] {
        var links: [HandlerChain.Link<Enhancer>] = []
        for source in sources { links.append(try await link(source, module)) }
        return links
    }

    private func link<Enhancer: Sendable>(
        _ source: EnhancerSource<Enhancer>, _ module: ModuleHandle
    ) async throws -> HandlerChain.Link<Enhancer> {
        switch source {
        case .instance(let instance): return .ready(instance())
        case .provider(let type, let cast):
            guard context.isRequestScoped(type, in: module) else {
                return .ready(try await make(type, module, nil, cast))
            }
            return .perCall { scope in try await make(type, module, scope, cast) }
        }
    }

    private func make<Enhancer>(
        _ type: any Injectable.Type, _ module: ModuleHandle, _ scope: CallScope?,
        _ cast: (any Injectable) -> Enhancer?
    ) async throws -> Enhancer {
        let made = try await context.make(type, in: module, scope: scope)
        guard let enhancer = cast(made) else {
            throw ApplicationError(.wrongType, "\(type) is provided as something that is no \(Enhancer.self)")
        }
        return enhancer
    }
}
