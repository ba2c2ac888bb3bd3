import ArgumentParser
import CheckoutContracts
import Nest

/// `place-orders`: a customer. Succeeds only if everything that came back was right.
@main struct PlaceOrders: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "place-orders")

    @Option(help: "Where orders-rpc listens.") var ordersPort = 4001
    @Option(help: "Where audit-worker listens.") var auditPort = 4002

    func run() async throws {
        let orders = try ClientProxy(.tcp(port: ordersPort), name: "orders")
        let audit = try ClientProxy(.tcp(port: auditPort), name: "audit")
        let placed = try await place(on: orders)
        try await refuse(on: orders)
        try await stream(placed, from: orders)
        try await compare(placed, with: audit)
        await orders.close()
        await audit.close()
        print("all right")
    }

    private func place(on orders: ClientProxy) async throws -> [Order] {
        var placed: [Order] = []
        for (sku, quantity, cents) in [("book", 1, 2_990), ("pen", 10, 1_500), ("desk", 2, 2_000)] {
            let order = try await orders.send(CreateOrder(sku: sku, quantity: quantity))
            print("placed order \(order.id): \(quantity) × \(sku) for \(order.cents) cents")
            try expect(order.sku == sku && order.quantity == quantity && order.cents == cents, "order \(order)")
            try expect(try await orders.send(GetOrder(id: order.id)) == order, "order \(order.id) reads otherwise")
            placed.append(order)
        }
        return placed
    }

    private func refuse(on orders: ClientProxy) async throws {
        do {
            _ = try await orders.send(CreateOrder(sku: "book", quantity: 0))
            throw Wrong("an order of nothing was taken")
        } catch let error as TransportError {
            print("refused an order of nothing: \(error.message)")
            try expect(error.code == .rejected, "refused with \(error)")
        }
    }

    private func stream(_ placed: [Order], from orders: ClientProxy) async throws {
        var streamed: [Order] = []
        for try await order in try await orders.stream("orders.all", NoPayload(), of: Order.self) {
            streamed.append(order)
        }
        print("streamed \(streamed.count) orders")
        try expect(Array(streamed.suffix(placed.count)) == placed, "the stream has other orders")
    }

    /// An event has left when `emit` returns, and may still be on its way to the handler.
    private func compare(_ placed: [Order], with audit: ClientProxy) async throws {
        let wanted = placed.map { OrderCreated(order: $0) }
        let end = ContinuousClock.now + .seconds(5)
        while try await audit.send(ListAudit(limit: placed.count)) != wanted {
            try expect(.now < end, "audit has not heard of every order")
        }
        print("audit has written down \(wanted.count) orders")
    }

    private func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws {
        guard holds else { throw Wrong(what()) }
    }
}

/// What was not as it should be.
struct Wrong: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
