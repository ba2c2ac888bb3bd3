import CheckoutContracts
import Nest

/// Takes orders, keeps them, and tells the others.
@Controller
struct Orders {
    let store: OrderStore
    @Inject("AUDIT") let audit: ClientProxy

    @MessagePattern(CreateOrder.self)
    func create(_ request: CreateOrder) async throws -> Order {
        guard (1...1_000_000).contains(request.quantity) else {
            throw TransportError(.rejected, "quantity must be between 1 and 1,000,000", details: ["field": "quantity"])
        }
        let order = await store.insert(request)
        try await audit.emit(OrderCreated(order: order))
        return order
    }

    @MessagePattern(GetOrder.self)
    func get(_ request: GetOrder) async throws -> Order {
        guard let order = await store.find(request.id) else {
            throw TransportError("order_not_found", "there is no order \(request.id)")
        }
        return order
    }

    /// All orders, as a stream.
    @MessagePattern("orders.all")
    func all() async -> AsyncStream<Order> {
        let orders = await store.all()
        return AsyncStream { continuation in
            for order in orders { continuation.yield(order) }
            continuation.finish()
        }
    }
}
