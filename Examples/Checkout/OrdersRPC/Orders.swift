import CheckoutContracts
import Nest

/// Takes orders and shows them.
@Controller
struct Orders {
    let store: OrderStore

    @MessagePattern(CreateOrder.self)
    func create(_ request: CreateOrder) async throws -> Order {
        let order = try await store.create(request, cents: OrderRules.price(of: request))
        try OrderRules.check(order, isFor: request)
        return order
    }

    @MessagePattern(GetOrder.self)
    func get(_ request: GetOrder) async throws -> Order {
        guard let order = try await store.find(request.id) else {
            throw HTTPException.notFound("there is no order \(request.id)")
        }
        return order
    }

    @MessagePattern(ListOrders.self)
    func list(_ request: ListOrders) async throws -> [Order] {
        try await store.page(after: request.after, limit: min(max(request.limit, 1), 1_000))
    }

    @MessagePattern(Pattern.ordersReady)
    func ready() {}
}
