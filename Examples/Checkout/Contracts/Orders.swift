package import Foundation
package import Nest

/// What a customer wants.
@Message
package struct NewOrder: Equatable {
    /// Where to write to.
    package var customer: String
    package var sku: String
    package var quantity: Int

    package init(customer: String, sku: String, quantity: Int) {
        self.customer = customer
        self.sku = sku
        self.quantity = quantity
    }
}

/// An order as everybody knows it.
@Message
package struct Order: Equatable {
    package var id: Int
    package var customer: String
    package var sku: String
    package var quantity: Int
    package var cents: Int

    package init(id: Int, customer: String, sku: String, quantity: Int, cents: Int) {
        self.id = id
        self.customer = customer
        self.sku = sku
        self.quantity = quantity
        self.cents = cents
    }
}

/// Asks for an order. Answered by `orders-rpc`; the same key again is answered with the same order.
@Message
package struct CreateOrder: Request {
    package static let pattern: Pattern = "orders.create"
    package typealias Reply = Order

    /// The caller's name for this request, so that it can be repeated.
    package var key: String
    package var order: NewOrder

    package init(key: String, order: NewOrder) {
        self.key = key
        self.order = order
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

/// Asks for a page of orders, in the order of their numbers. Answered by `orders-rpc`.
@Message
package struct ListOrders: Request {
    package static let pattern: Pattern = "orders.list"
    package typealias Reply = [Order]

    /// The last number of the page before.
    package var after: Int
    package var limit: Int

    package init(after: Int, limit: Int) {
        self.after = after
        self.limit = limit
    }
}

/// Told to everybody who listens, at least once for each order: the id tells whether it was heard before.
@Message
package struct OrderCreated: Event, Equatable {
    package static let pattern: Pattern = "order.created"

    package var id: UUID
    package var order: Order

    package init(id: UUID, order: Order) {
        self.id = id
        self.order = order
    }
}
