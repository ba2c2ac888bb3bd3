package import Nest

/// Asks for an order. Answered by `orders-rpc`.
@Message
package struct CreateOrder: Request {
    package static let pattern: Pattern = "orders.create"
    package typealias Reply = Order

    package var sku: String
    package var quantity: Int

    package init(sku: String, quantity: Int) {
        self.sku = sku
        self.quantity = quantity
    }
}

/// Asks for an order by its number. Answered by `orders-rpc`.
@Message
package struct GetOrder: Request {
    package static let pattern: Pattern = "orders.get"
    package typealias Reply = Order

    package var id: Int

    package init(id: Int) { self.id = id }
}

/// An order as everybody knows it.
@Message
package struct Order: Equatable {
    package var id: Int
    package var sku: String
    package var quantity: Int
    package var cents: Int

    package init(id: Int, sku: String, quantity: Int, cents: Int) {
        self.id = id
        self.sku = sku
        self.quantity = quantity
        self.cents = cents
    }
}

/// Told to everybody who listens, once for each order.
@Message
package struct OrderCreated: Event, Equatable {
    package static let pattern: Pattern = "order.created"

    package var order: Order

    package init(order: Order) { self.order = order }
}

/// Asks `audit-worker` for what it has written down.
@Message
package struct ListAudit: Request {
    package static let pattern: Pattern = "audit.list"
    package typealias Reply = [OrderCreated]

    /// The most entries wanted.
    package var limit: Int

    package init(limit: Int) { self.limit = limit }
}
