/// One handler, ready to run: its controller found, everything around it in place.
final class HTTPRoute: Sendable {
    let info: RouteInfo
    let metrics: HTTPRouteMetrics?
    private let chain: HandlerChain
    /// Needs a scope of its own for each request.
    private let isScoped: Bool
    /// The way that cannot suspend; nil when anything on it may.
    private let inline: (@Sendable (HTTPCall) throws -> HandlerResult)?
    private let invoke: @Sendable (HTTPCall, CallScope?) async throws -> HandlerResult

    init(info: RouteInfo, chain: HandlerChain, isScoped: Bool, bound: BoundHTTPHandler, metrics: HTTPRouteMetrics?) {
        self.info = info
        self.chain = chain
        self.isScoped = isScoped || chain.needsScope
        self.metrics = metrics
        invoke = bound.invoke
        inline = chain.isEmpty && !self.isScoped && !info.options.blocking ? bound.inline : nil
    }

    /// Runs everything around the handler and the handler. Calls to other services inherit the request's deadline.
    func run(_ state: HTTPCallState) async throws -> HandlerResult {
        if let inline { return try inline(HTTPCall(context: HTTPContext(state: state, scope: nil))) }
        guard let deadline = state.deadline else { return try await onItsExecutor(state) }
        return try await InheritedCall.$deadline.withValue(deadline) { try await onItsExecutor(state) }
    }

    private func onItsExecutor(_ state: HTTPCallState) async throws -> HandlerResult {
        guard info.options.blocking else { return try await scoped(state) }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await self.leave(state) }
    }

    /// Off the event loop, onto the pool.
    @concurrent
    private func leave(_ state: HTTPCallState) async throws -> HandlerResult { try await scoped(state) }

    private func scoped(_ state: HTTPCallState) async throws -> HandlerResult {
        guard isScoped else { return try await around(HTTPContext(state: state, scope: nil)) }
        let scope = CallScope(container: info.container, module: info.module)
        scope.seed { (scope: CallScope) in HTTPContext(state: state, scope: scope) }
        return try await around(HTTPContext(state: state, scope: scope))
    }

    private func around(_ context: HTTPContext) async throws -> HandlerResult {
        let scope = context.scope
        guard !chain.isEmpty else { return try await invoke(HTTPCall(context: context), scope) }
        let execution = ExecutionContext(
            kind: .http, controller: info.controller, handler: info.handler, call: context)
        let around = try await chain.resolved(scope)
        return try await around.run(execution) { [invoke] in
            try await invoke(HTTPCall(context: context, pipes: around.pipes, execution: execution), scope)
        }
    }
}
