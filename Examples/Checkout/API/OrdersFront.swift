import CheckoutContracts
import Foundation
import Nest

/// Orders for the public. What is refused behind it comes through as it is: status, text and details.
@Controller("/orders")
struct OrdersFront {
    @Inject("ORDERS") let orders: ClientProxy
    @Inject("AUDIT") let audit: ClientProxy

    /// Takes an order. A client that did not hear the answer asks again with the same key, and gets the same order.
    @Post
    func create(_ order: NewOrder, @Headers("Idempotency-Key") key: String?) async throws -> HTTPReply<Order> {
        let made = try await orders.send(CreateOrder(key: key ?? UUID().uuidString, order: order))
        return HTTPReply(made, headers: [.location: "/orders/\(made.id)"])
    }

    @Get
    func list(@Query after: Int = 0, @Query limit: Int = 50) async throws -> [Order] {
        try await orders.send(ListOrders(after: after, limit: limit))
    }

    @Get("/:id")
    func one(id: Int) async throws -> Order { try await orders.send(GetOrder(id: id)) }

    @Get("/:id/audit")
    func trail(id: Int, @Query after: Int = 0, @Query limit: Int = 50) async throws -> [AuditEntry] {
        try await audit.send(ReadAudit(orderID: id, after: after, limit: limit))
    }
}
