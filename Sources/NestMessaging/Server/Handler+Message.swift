// One overload for each shape of handler. Closures that are not async get the overload that is not async either: such a
// handler is run without a task.

extension Handler {
    /// A request handler that returns a value.
    ///
    /// - Parameters:
    ///   - pattern: Which requests; `*` and `>` stand for tokens.
    ///   - name: How logs and guards call it.
    ///   - options: How it wants to be run.
    ///   - enhancers: What stands around it, inside of what stands around the controller.
    ///   - body: Is given the controller, the decoded payload and the context; what it throws goes to the caller.
    public static func message<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, Input, MessageContext) throws -> Output
    ) -> Handler {
        Handler(
            MessageBinding<C>(
                kind: .send, pattern: pattern, name: name, options: options, enhancers: enhancers,
                inline: { controller, context, writer in
                    try InlineCoding.write(
                        body(controller, InlineCoding.input(Input.self, context), context), to: &writer)
                },
                invoke: { controller, call in
                    .payload(try call.encode(body(controller, await call.pipedInput(Input.self), call.context)))
                }))
    }

    /// A request handler that returns a value, asynchronously.
    public static func message<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(),
        _ body: @escaping @Sendable (C, Input, MessageContext) async throws -> Output
    ) -> Handler {
        Handler(
            MessageBinding<C>(
                kind: .send, pattern: pattern, name: name, options: options, enhancers: enhancers, inline: nil,
                invoke: { controller, call in
                    .payload(try call.encode(await body(controller, call.pipedInput(Input.self), call.context)))
                }))
    }

    /// A request handler that returns nothing; the caller gets `null`.
    public static func message<Input: Decodable & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, Input, MessageContext) throws -> Void
    ) -> Handler {
        Handler(
            MessageBinding<C>(
                kind: .send, pattern: pattern, name: name, options: options, enhancers: enhancers,
                inline: { controller, context, _ in
                    try body(controller, InlineCoding.input(Input.self, context), context)
                    return .none
                },
                invoke: { controller, call in
                    try body(controller, await call.pipedInput(Input.self), call.context)
                    return .none
                }))
    }

    /// A request handler that returns nothing, asynchronously; the caller gets `null`.
    public static func message<Input: Decodable & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(),
        _ body: @escaping @Sendable (C, Input, MessageContext) async throws -> Void
    ) -> Handler {
        Handler(
            MessageBinding<C>(
                kind: .send, pattern: pattern, name: name, options: options, enhancers: enhancers, inline: nil,
                invoke: { controller, call in
                    try await body(controller, call.pipedInput(Input.self), call.context)
                    return .none
                }))
    }

    /// A request handler that returns a sequence, sent item by item to a caller that asked for a stream, collected
    /// into an array for one that did not.
    public static func message<Input: Decodable & Sendable, Output: AsyncSequence & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, Input, MessageContext) throws -> Output
    ) -> Handler where Output.Element: Encodable & Sendable {
        Handler(
            MessageBinding<C>(
                kind: .send, pattern: pattern, name: name, options: options, enhancers: enhancers, inline: nil,
                invoke: { controller, call in
                    .stream(call.stream(try body(controller, await call.pipedInput(Input.self), call.context)))
                }))
    }

    /// A request handler that returns a sequence, asynchronously.
    public static func message<Input: Decodable & Sendable, Output: AsyncSequence & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(),
        _ body: @escaping @Sendable (C, Input, MessageContext) async throws -> Output
    ) -> Handler where Output.Element: Encodable & Sendable {
        Handler(
            MessageBinding<C>(
                kind: .send, pattern: pattern, name: name, options: options, enhancers: enhancers, inline: nil,
                invoke: { controller, call in
                    .stream(call.stream(try await body(controller, call.pipedInput(Input.self), call.context)))
                }))
    }

    /// An event handler. What it throws makes the transport deliver again, see ``DeliveryPolicy``.
    public static func event<Input: Decodable & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, Input, MessageContext) throws -> Void
    ) -> Handler {
        Handler(
            MessageBinding<C>(
                kind: .emit, pattern: pattern, name: name, options: options, enhancers: enhancers,
                inline: { controller, context, _ in
                    try body(controller, InlineCoding.input(Input.self, context), context)
                    return .none
                },
                invoke: { controller, call in
                    try body(controller, await call.pipedInput(Input.self), call.context)
                    return .none
                }))
    }

    /// An event handler, asynchronous.
    public static func event<Input: Decodable & Sendable>(
        _ pattern: Pattern, name: String = "", options: HandlerOptions = HandlerOptions(),
        enhancers: Enhancers = Enhancers(),
        _ body: @escaping @Sendable (C, Input, MessageContext) async throws -> Void
    ) -> Handler {
        Handler(
            MessageBinding<C>(
                kind: .emit, pattern: pattern, name: name, options: options, enhancers: enhancers, inline: nil,
                invoke: { controller, call in
                    try await body(controller, call.pipedInput(Input.self), call.context)
                    return .none
                }))
    }
}
