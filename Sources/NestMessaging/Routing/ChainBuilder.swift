/// Finds what a handler of any front is joined with: its controller, and what stands around it.
package struct ChainBuilder: Sendable {
    package let context: ApplicationContext
    package let globals: GlobalEnhancers

    package init(context: ApplicationContext, globals: GlobalEnhancers) {
        self.context = context
        self.globals = globals
    }

    /// The application's controller, or the way to get one for each call.
    package func source(for entry: ControllerEntry) async throws -> ControllerSource {
        guard entry.isRequestScoped else {
            return .singleton(try await context.controller(entry, in: nil))
        }
        return .perMessage { [context] scope in try await context.controller(entry, in: scope) }
    }

    /// What stands around a handler, in the order it runs.
    ///
    /// - Parameters:
    ///   - enhancers: From the outside inwards: the controller's, then the handler's own.
    ///   - module: Where their types are looked up: the controller's module.
    ///   - inheritsGlobals: Whether the application's own stand around them.
    package func chain(
        for enhancers: [Enhancers], in module: ModuleHandle, inheritsGlobals: Bool
    ) async throws -> HandlerChain {
        var chain = HandlerChain()
        if inheritsGlobals { chain.middleware = globals.middleware }
        let around = (inheritsGlobals ? [globals.enhancers] : []) + enhancers
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
