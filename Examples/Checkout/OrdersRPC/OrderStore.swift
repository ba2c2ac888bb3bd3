import CheckoutContracts
import Nest

/// The orders, in memory.
@Injectable
actor OrderStore {
    private var orders: [Order] = []
    private static let cents = ["book": 2_990, "pen": 150]

    func insert(_ request: CreateOrder) -> Order {
        let price = Self.cents[request.sku] ?? 1_000
        let order = Order(
            id: orders.count + 1, sku: request.sku, quantity: request.quantity, cents: price * request.quantity)
        orders.append(order)
        return order
    }

    func find(_ id: Int) -> Order? { id > 0 && id <= orders.count ? orders[id - 1] : nil }

    func all() -> [Order] { orders }
}
