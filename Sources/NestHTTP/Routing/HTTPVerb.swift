public import HTTPTypes
public import NIOCore

/// Makes handlers for one method: `Handler.get("/orders/:id") { (orders, call) in … }`.
///
/// What a handler returns decides what the answer is: an `Encodable` is JSON, but a `String` plain text, as with NestJS
/// and Hummingbird; nothing is an empty body; a sequence is a stream, of events, of bytes, or of JSON values one a line;
/// ``HTTPResponding`` types know themselves. An optional that is nil is the JSON `null`.
///
/// A path's segments are literal, `:name` for any one segment, and a last `*name` for all that are left. Literal ones are
/// preferred.
public struct HTTPVerb<C: Controller>: Sendable {
    /// The method.
    public let method: HTTPRequest.Method

    /// Handlers for any method.
    public init(_ method: HTTPRequest.Method) { self.method = method }

    private func handler(
        _ path: String, _ name: String, _ options: HTTPHandlerOptions, _ enhancers: Enhancers,
        _ body: @escaping @Sendable (C, HTTPCall) throws -> HandlerResult
    ) -> Handler<C> {
        Handler(
            HTTPBinding<C>(
                method: method, path: path, name: name, options: options, enhancers: enhancers, inline: body,
                invoke: { controller, call in try body(controller, call) }))
    }

    private func handler(
        async path: String, _ name: String, _ options: HTTPHandlerOptions, _ enhancers: Enhancers,
        _ body: @escaping @Sendable (C, HTTPCall) async throws -> HandlerResult
    ) -> Handler<C> {
        Handler(
            HTTPBinding<C>(
                method: method, path: path, name: name, options: options, enhancers: enhancers, inline: nil,
                invoke: body))
    }
}

// MARK: - Values

extension HTTPVerb {
    /// A handler that returns a value.
    public func callAsFunction<Output: Encodable & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) throws -> Output
    ) -> Handler<C> {
        handler(path, name, options, enhancers) { try $1.result(body($0, $1)) }
    }

    /// A handler that returns a value, asynchronously.
    public func callAsFunction<Output: Encodable & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) async throws -> Output
    ) -> Handler<C> {
        handler(async: path, name, options, enhancers) { try $1.result(await body($0, $1)) }
    }

    /// A handler that returns nothing.
    public func callAsFunction(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) throws -> Void
    ) -> Handler<C> {
        handler(path, name, options, enhancers) { controller, call in
            try body(controller, call)
            return .none
        }
    }

    /// A handler that returns nothing, asynchronously.
    public func callAsFunction(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) async throws -> Void
    ) -> Handler<C> {
        handler(async: path, name, options, enhancers) { controller, call in
            try await body(controller, call)
            return .none
        }
    }

    /// A handler that returns an answer of its own kind.
    public func callAsFunction<Output: HTTPResponding>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) throws -> Output
    ) -> Handler<C> {
        handler(path, name, options, enhancers) { try body($0, $1).answer(to: $1) }
    }

    /// A handler that returns an answer of its own kind, asynchronously.
    public func callAsFunction<Output: HTTPResponding>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) async throws -> Output
    ) -> Handler<C> {
        handler(async: path, name, options, enhancers) { try await body($0, $1).answer(to: $1) }
    }
}

// MARK: - Streams

extension HTTPVerb {
    /// A handler that returns a sequence of values: sent as JSON, one a line (`application/x-ndjson`).
    public func callAsFunction<Output: AsyncSequence & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) throws -> Output
    ) -> Handler<C> where Output.Element: Encodable & Sendable {
        handler(path, name, options, enhancers) {
            .stream(PayloadStream(try body($0, $1), codec: $1.codec))
        }
    }

    /// A handler that returns a sequence of values, asynchronously.
    public func callAsFunction<Output: AsyncSequence & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) async throws -> Output
    ) -> Handler<C> where Output.Element: Encodable & Sendable {
        handler(async: path, name, options, enhancers) {
            .stream(PayloadStream(try await body($0, $1), codec: $1.codec))
        }
    }

    /// A handler that returns a sequence of events: sent as they come (`text/event-stream`). A client that goes away
    /// cancels the sequence, shutting down does too. A comment goes out when it was quiet for 15 seconds.
    public func callAsFunction<Output: AsyncSequence & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) throws -> Output
    ) -> Handler<C> where Output.Element == ServerSentEvent {
        handler(path, name, options, enhancers) { StreamBodies.events(try body($0, $1), for: $1) }
    }

    /// A handler that returns a sequence of events, asynchronously.
    public func callAsFunction<Output: AsyncSequence & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) async throws -> Output
    ) -> Handler<C> where Output.Element == ServerSentEvent {
        handler(async: path, name, options, enhancers) { StreamBodies.events(try await body($0, $1), for: $1) }
    }

    /// A handler that returns a sequence of bytes: sent as they come.
    public func callAsFunction<Output: AsyncSequence & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) throws -> Output
    ) -> Handler<C> where Output.Element == ByteBuffer {
        handler(path, name, options, enhancers) { StreamBodies.bytes(try body($0, $1), for: $1) }
    }

    /// A handler that returns a sequence of bytes, asynchronously.
    public func callAsFunction<Output: AsyncSequence & Sendable>(
        _ path: String = "", name: String = "", options: HTTPHandlerOptions = HTTPHandlerOptions(),
        enhancers: Enhancers = Enhancers(), _ body: @escaping @Sendable (C, HTTPCall) async throws -> Output
    ) -> Handler<C> where Output.Element == ByteBuffer {
        handler(async: path, name, options, enhancers) { StreamBodies.bytes(try await body($0, $1), for: $1) }
    }
}
