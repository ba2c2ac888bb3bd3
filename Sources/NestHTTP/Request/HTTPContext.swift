public import HTTPTypes
public import HummingbirdCore
public import NIOCore

/// What a handler can know about the request it is given.
///
/// Everything is worked out when asked for; passing a context along costs a few retains.
public struct HTTPContext: CallContext {
    let state: HTTPCallState
    let scope: CallScope?

    /// The request itself. Its body can be read once: ``HTTPCall/body(as:)`` and ``HTTPCall/bodyStream(upTo:)`` know
    /// the limits, reading it here does not.
    public var request: HummingbirdRequest { state.request }

    /// The request's method.
    public var method: HTTPRequest.Method { state.request.method }

    /// The path as it was asked for, without the query: `/orders/42`.
    public var path: String { String(state.request.path) }

    /// The route's path with the names of its parameters: `/orders/:id`.
    public var routePath: String { state.route.path.description }

    /// What the caller sent in the request's head. A name may stand more than once.
    public var httpHeaders: HTTPFields { state.request.headers }

    /// The same by one value a name; values of a name that stands more than once are joined by commas.
    public var headers: MessageHeaders { MessageHeaders(joining: state.request.headers) }

    /// What a parameter of the path stands for, decoded; nil when the path has none of that name.
    public func parameter(_ name: String) -> String? { state.capture(name).flatMap { PercentText.decode($0) } }

    /// The peer's address, such as `192.0.2.7:51234`: the proxy's, if there is one.
    public var remoteAddress: String? { state.connection?.peer }

    /// When the caller is answered at the latest: the request's time limit.
    public var deadline: NIODeadline? { state.deadline }

    /// How long there is until then. Never negative.
    public var timeRemaining: Duration? {
        state.deadline.map { .nanoseconds(max(0, ($0 - .now()).nanoseconds)) }
    }

    /// The request's name in logs: what the caller sent as `x-request-id`, or one made up.
    public var requestID: String { state.id }

    /// Status and header fields of the answer to be; they hold for errors too, but for the status.
    ///
    /// ```swift
    /// call.context.response.headers[.eTag] = order.version
    /// ```
    public var response: HTTPReplySettings {
        get { state.settings ?? HTTPReplySettings() }
        nonmutating set { state.settings = newValue }
    }

    /// A logger that carries the request's name, method and route.
    public var logger: Logger {
        var logger = state.route.logger
        logger[metadataKey: HTTPLogKey.requestID] = .string(requestID)
        logger[metadataKey: HTTPLogKey.method] = .string(method.rawValue)
        logger[metadataKey: HTTPLogKey.route] = .string(routePath)
        return logger
    }

    /// Resolves a provider as seen from the controller's module; request-scoped ones are this request's own.
    public func resolve<Value>(_ type: Value.Type, named name: String?) async throws -> Value {
        try await (scope ?? state.lendScope()).resolve(type, named: name)
    }
}

/// The keys of what an HTTP front logs, beside the framework's.
enum HTTPLogKey {
    static let requestID = "http.request_id"
    static let method = "http.method"
    static let route = "http.route"
    static let path = "http.path"
    static let status = "http.status"
}
