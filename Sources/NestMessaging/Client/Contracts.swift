/// A request and its reply as one type, so that a call site cannot get either wrong:
///
/// ```swift
/// struct CreateOrder: Request {
///     static let pattern: Pattern = "orders.create"
///     typealias Reply = OrderCreated
///     var sku: String
/// }
/// let created = try await client.send(CreateOrder(sku: "x"))
/// ```
///
/// On the other side, `@MessagePattern(CreateOrder.self)` marks its handler.
public protocol Request: Codable, Sendable {
    /// What the handler returns.
    associatedtype Reply: Codable & Sendable
    /// Where it goes.
    static var pattern: Pattern { get }
}

/// An event as a type: `try await client.emit(OrderCreated(id: 1))`.
///
/// On the other side, `@EventPattern(OrderCreated.self)` marks its handlers.
public protocol Event: Codable, Sendable {
    /// Where it goes.
    static var pattern: Pattern { get }
}
