public import Nest

/// Asks for an order. Answered by `orders-rpc`.
@Message
public struct CreateOrder: Request {
    public static let pattern: Pattern = "orders.create"
    public typealias Reply = Order

    public var sku: String
    public var quantity: Int

    public init(sku: String, quantity: Int) {
        self.sku = sku
        self.quantity = quantity
    }
}

/// Asks for an order by its number. Answered by `orders-rpc`.
@Message
public struct GetOrder: Request {
    public static let pattern: Pattern = "orders.get"
    public typealias Reply = Order

    public var id: Int

    public init(id: Int) { self.id = id }
}

/// An order as everybody knows it.
@Message
public struct Order: Equatable {
    public var id: Int
    public var sku: String
    public var quantity: Int
    public var cents: Int

    public init(id: Int, sku: String, quantity: Int, cents: Int) {
        self.id = id
        self.sku = sku
        self.quantity = quantity
        self.cents = cents
    }
}

/// Told to everybody who listens, once for each order.
@Message
public struct OrderCreated: Event, Equatable {
    public static let pattern: Pattern = "order.created"

    public var order: Order

    public init(order: Order) { self.order = order }
}

/// Asks `audit-worker` for what it has written down.
@Message
public struct ListAudit: Request {
    public static let pattern: Pattern = "audit.list"
    public typealias Reply = [OrderCreated]

    /// The most entries wanted.
    public var limit: Int

    public init(limit: Int) { self.limit = limit }
}
