/// A provider that answers messages. Usually written with `@Controller`; by hand it lists its handlers:
///
/// ```swift
/// struct Orders: Controller {
///     static func make(from resolver: Resolver) -> Orders { Orders() }
///     static var handlers: [Handler<Orders>] {
///         [.message("orders.create") { (orders, order: NewOrder, _) in try await orders.create(order) }]
///     }
/// }
/// ```
public protocol Controller: Injectable {
    /// What it answers. Asked at start, once for each front and transport.
    static var handlers: [Handler<Self>] { get }
    /// The prefix of its HTTP routes. Message patterns are never prefixed, as in NestJS.
    static var path: String { get }
    /// What stands around all its handlers.
    static var enhancers: Enhancers { get }
}

extension Controller {
    /// No prefix.
    public static var path: String { "" }
    /// Nothing.
    public static var enhancers: Enhancers { Enhancers() }
}

/// One thing a controller answers: made by `.message` and `.event` here, and by other fronts' functions elsewhere.
public struct Handler<C: Controller>: Sendable {
    /// What the handler is bound to; each front looks for its own kind.
    package let binding: any HandlerBinding

    package init(_ binding: any HandlerBinding) { self.binding = binding }
}

/// What a handler is bound to: a message pattern, an HTTP route.
package protocol HandlerBinding: Sendable {}

/// How a handler wants to be run.
public struct HandlerOptions: Sendable, Hashable {
    /// Runs off the event loop, on Swift's global pool: for handlers that compute for long.
    public var blocking: Bool
    /// Every instance gets the event, not one of each group. Needs ``Guarantees/broadcast``.
    public var broadcast: Bool

    /// Neither unless said.
    public init(blocking: Bool = false, broadcast: Bool = false) {
        self.blocking = blocking
        self.broadcast = broadcast
    }
}

/// The payload type of a handler that takes none: anything fits, the bytes are not looked at.
public struct NoPayload: Codable, Sendable, Hashable {
    /// Nothing.
    public init() {}
    /// Takes anything.
    public init(from decoder: any Decoder) throws {}
    /// Writes null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encodeNil()
    }
}
