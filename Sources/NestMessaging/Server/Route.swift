import NIOCore

/// One handler, ready to run: its controller found, everything around it in place.
package final class Route: Sendable {
    package let pattern: Pattern
    package let kind: MessageKind
    package let options: HandlerOptions
    /// The transport this route serves, for logs and metrics.
    package let transport: String
    package let logger: Logger
    let execution: ExecutionContext.Kind
    let controller: any Controller.Type
    let handler: String
    let metrics: RouteMetrics?
    let chain: HandlerChain
    let codec: JSONCodec
    let module: ModuleHandle
    let container: ApplicationContext
    /// Needs a scope of its own for each message.
    let isScoped: Bool
    /// The way without a task; nil when anything on it may suspend.
    let inline: InlineHandler?
    let invoke: @Sendable (HandlerCall, CallScope?) async throws -> HandlerResult

    init(_ parts: RouteParts, metrics: RouteMetrics?) {
        pattern = parts.pattern
        kind = parts.kind
        options = parts.options
        transport = parts.transport
        logger = parts.logger
        execution = parts.kind == .send ? .message : .event
        controller = parts.controller
        handler = parts.handler
        chain = parts.chain
        codec = parts.codec
        module = parts.module
        container = parts.container
        isScoped = parts.isScoped
        inline = parts.inline
        invoke = parts.invoke
        self.metrics = metrics
    }

    /// Runs everything around the handler and the handler.
    @inline(__always)
    func run(_ message: IncomingMessage) async throws -> HandlerResult {
        guard isScoped else { return try await run(message, scope: nil) }
        let scope = CallScope(container: container, module: module)
        scope.seed { (scope: CallScope) in MessageContext(incoming: message, route: self, scope: scope) }
        return try await run(message, scope: scope)
    }

    @inline(__always)
    private func run(_ message: IncomingMessage, scope: CallScope?) async throws -> HandlerResult {
        let context = MessageContext(incoming: message, route: self, scope: scope)
        guard !chain.isEmpty else { return try await invoke(HandlerCall(context: context), scope) }
        return try await runChain(message, context, scope)
    }

    private func runChain(
        _ message: IncomingMessage, _ context: MessageContext, _ scope: CallScope?
    ) async throws -> HandlerResult {
        let execution = ExecutionContext(
            kind: execution, controller: controller, handler: handler, call: context)
        let around = try await chain.resolved(scope)
        return try await around.run(execution) { [invoke] in
            try await invoke(HandlerCall(context: context, pipes: around.pipes, execution: execution), scope)
        }
    }

    func resolve<Value>(_ type: Value.Type, named name: String?, in scope: CallScope?) async throws -> Value {
        if let scope { return try await scope.resolve(type, named: name) }
        return try await container.resolve(type, named: name, in: module)
    }
}

/// What a route is made of.
struct RouteParts {
    var pattern: Pattern
    var kind: MessageKind
    var options: HandlerOptions
    var transport: String
    var logger: Logger
    var controller: any Controller.Type
    var handler: String
    var chain: HandlerChain
    var codec: JSONCodec
    var module: ModuleHandle
    var container: ApplicationContext
    var isScoped: Bool
    var inline: InlineHandler?
    var invoke: @Sendable (HandlerCall, CallScope?) async throws -> HandlerResult
}
