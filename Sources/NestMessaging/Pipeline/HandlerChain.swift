/// What stands around one handler: global, controller's and handler's enhancers in the order they run.
package struct HandlerChain: Sendable {
    /// Found at start, or made for each message because it depends on the message.
    package enum Link<Enhancer: Sendable>: Sendable {
        case ready(Enhancer)
        case perCall(@Sendable (CallScope?) async throws -> Enhancer)

        package func resolve(_ scope: CallScope?) async throws -> Enhancer {
            switch self {
            case .ready(let enhancer): enhancer
            case .perCall(let make): try await make(scope)
            }
        }

        var isPerCall: Bool {
            if case .perCall = self { return true }
            return false
        }
    }

    /// Around everything, guards included.
    package var middleware: [any Interceptor] = []
    package var guards: [Link<any Guard>] = []
    package var interceptors: [Link<any Interceptor>] = []
    package var pipes: [Link<any Pipe>] = []
    /// The closest to the handler first.
    package var filters: [Link<any ExceptionFilter>] = []

    /// Nothing stands around the handler: it can be called without any of this.
    package var isEmpty: Bool {
        middleware.isEmpty && guards.isEmpty && interceptors.isEmpty && pipes.isEmpty && filters.isEmpty
    }

    /// Some of it is made for each call.
    package var needsScope: Bool {
        guards.contains(where: \.isPerCall) || interceptors.contains(where: \.isPerCall)
            || pipes.contains(where: \.isPerCall) || filters.contains(where: \.isPerCall)
    }

    /// Every enhancer as an object.
    package func resolved(_ scope: CallScope?) async throws -> ResolvedChain {
        var chain = ResolvedChain(middleware: middleware)
        for link in guards { chain.guards.append(try await link.resolve(scope)) }
        for link in interceptors { chain.interceptors.append(try await link.resolve(scope)) }
        for link in pipes { chain.pipes.append(try await link.resolve(scope)) }
        for link in filters { chain.filters.append(try await link.resolve(scope)) }
        return chain
    }
}

/// The objects around one call of a handler.
package struct ResolvedChain: Sendable {
    var middleware: [any Interceptor] = []
    var guards: [any Guard] = []
    var interceptors: [any Interceptor] = []
    package var pipes: [any Pipe] = []
    var filters: [any ExceptionFilter] = []

    /// middleware → (guards → interceptors → `handler`) → filters for what was thrown.
    package func run(
        _ context: ExecutionContext, handler: @escaping @Sendable () async throws -> HandlerResult
    ) async throws -> HandlerResult {
        let guarded = CallHandler {
            do {
                try await checkGuards(context)
                return filtering(try await Self.wrap(interceptors, context, CallHandler(handler)).handle(), context)
            } catch {
                return try await filter(error, context)
            }
        }
        return try await Self.wrap(middleware, context, guarded).handle()
    }

    private func checkGuards(_ context: ExecutionContext) async throws {
        for check in guards where try await !check.canActivate(context) {
            throw TransportError(.forbidden, "Forbidden resource")
        }
    }

    private static func wrap(
        _ interceptors: [any Interceptor], _ context: ExecutionContext, _ handler: CallHandler
    ) -> CallHandler {
        interceptors.reversed().reduce(handler) { next, interceptor in
            CallHandler { try await interceptor.intercept(context, next: next) }
        }
    }

    /// A stream fails, if it does, after the handler has returned: the filters go along with it.
    private func filtering(_ result: HandlerResult, _ context: ExecutionContext) -> HandlerResult {
        guard case .stream(let stream) = result, !filters.isEmpty else { return result }
        return .stream(stream.filtered { try await filter($0, context) })
    }

    private func filter(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        var error = error
        for filter in filters {
            do {
                return try await filter.catch(error, context)
            } catch let replaced {
                error = replaced
            }
        }
        throw error
    }
}
