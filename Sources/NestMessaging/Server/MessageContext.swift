public import NIOCore

/// What a handler can know about the message it is given.
///
/// Everything is worked out when asked for; passing a context along costs a few retains.
public struct MessageContext: CallContext {
    @usableFromInline package let incoming: IncomingMessage
    package let route: Route
    package let scope: CallScope?

    package init(incoming: IncomingMessage, route: Route, scope: CallScope?) {
        self.incoming = incoming
        self.route = route
        self.scope = scope
    }

    /// The pattern the sender named; with wildcards in the handler's pattern, the actual one.
    public var pattern: String { incoming.pattern }

    /// What the handler's wildcards stand for, in order: for `audit.*.>` and `audit.eu.orders.created` it is
    /// `["eu", "orders.created"]`.
    public var captures: [String] { WildcardPattern.captures(of: route.pattern, in: incoming.pattern) }

    /// What the sender sent beside the payload. Parsed at each call: keep it when you need it twice.
    public var headers: MessageHeaders { incoming.headers }

    /// The payload's bytes, not decoded.
    public var payload: Payload { incoming.payload }

    /// When the sender stops waiting, on this process's clock; nil when it did not say.
    public var deadline: NIODeadline? { incoming.deadline }

    /// How long the sender still waits; nil when it did not say. Never negative.
    public var timeRemaining: Duration? {
        incoming.deadline.map { .nanoseconds(max(0, ($0 - .now()).nanoseconds)) }
    }

    /// Which try this is, from 1. Counted in a header the framework writes, so restarts do not reset it.
    public var attempt: Int { incoming.attempt }

    /// True when this is not the first try.
    public var isRedelivered: Bool { incoming.attempt > 1 }

    /// The sender's name for the exchange, on wires that carry one.
    public var correlationID: String? {
        if let id = incoming.correlationID { return id }
        return incoming.idRange.length > 2
            ? incoming.string(ByteRange(incoming.idRange.start + 1, incoming.idRange.end - 1)) : nil
    }

    /// The transport that brought the message, such as `"tcp"`.
    public var transport: String { route.transport }

    /// What the transport knows beside the message (a subject, a peer's address); nil when it is of another type.
    public func metadata<Value>(as type: Value.Type = Value.self) -> Value? { incoming.metadata as? Value }

    /// A logger that carries pattern, transport and correlation id.
    public var logger: Logger {
        var logger = route.logger
        logger[metadataKey: LogKey.pattern] = .string(pattern)
        logger[metadataKey: LogKey.transport] = .string(route.transport)
        if let correlationID { logger[metadataKey: LogKey.correlationID] = .string(correlationID) }
        return logger
    }

    /// Resolves a provider as seen from the controller's module; request-scoped ones are this message's own.
    public func resolve<Value>(_ type: Value.Type, named name: String?) async throws -> Value {
        try await route.resolve(type, named: name, in: scope)
    }
}
