import CheckoutContracts
import Nest
import NestTesting
import Testing

@testable import orders_rpc

@Suite("orders-rpc") struct OrdersTests {
    @Test("makes an order, shows it, and tells both workers once")
    func create() async throws {
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder)
            try await stage.run { _, client in
                let order = try await client.send(CreateOrder.book("a", quantity: 2))
                #expect(order == Order(id: 1, customer: "ada@example.org", sku: "book", quantity: 2, cents: 5_980))
                #expect(try await client.send(GetOrder(id: order.id)) == order)
                let events = try await stage.inbox.events.eventually("both are told") { $0.count == 2 }
                #expect(events.map(\.order) == [order, order] && events[0].id == events[1].id)
            }
            #expect(stage.inbox.events.value.count == 2)
        }
    }

    @Test("answers the same key with the same order, also when it comes many times at once")
    func idempotency() async throws {
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder)
            try await stage.run { _, client in
                let orders = try await withThrowingTaskGroup { group in
                    for number in 0..<60 { group.addTask { try await client.send(CreateOrder.book("\(number % 3)")) } }
                    return try await group.reduce(into: [Order]()) { $0.append($1) }
                }
                #expect(orders.count == 60 && Set(orders.map(\.id)) == [1, 2, 3])
                #expect(try await client.send(ListOrders(after: 0, limit: 10)).count == 3)
            }
            #expect(stage.inbox.events.value.count == 6)
        }
    }

    @Test("refuses a key that was used for another order")
    func reusedKey() async throws {
        try await withFolder { folder in
            try await OrdersStage(folder: folder).run { _, client in
                _ = try await client.send(CreateOrder.book("a"))
                let error = await #expect(throws: TransportError.self) {
                    try await client.send(CreateOrder.book("a", quantity: 2))
                }
                #expect(error?.httpStatus == 409)
            }
        }
    }

    @Test(
        "refuses what it does not sell, and what cannot be",
        arguments: [
            ("sku", NewOrder(customer: "a@b", sku: "moon", quantity: 1)),
            ("quantity", NewOrder(customer: "a@b", sku: "pen", quantity: 0)),
            ("quantity", NewOrder(customer: "a@b", sku: "pen", quantity: 10_001)),
            ("customer", NewOrder(customer: "a@b\r\nBcc: c@d", sku: "pen", quantity: 1)),
            ("customer", NewOrder(customer: "nobody", sku: "pen", quantity: 1)),
        ])
    func rules(field: String, order: NewOrder) async throws {
        try await withFolder { folder in
            let stage = OrdersStage(folder: folder)
            try await stage.run { _, client in
                let error = await #expect(throws: TransportError.self) {
                    try await client.send(CreateOrder(key: "k", order: order))
                }
                #expect(error?.httpStatus == 422)
                #expect(error?.details?.description.contains("\"field\":\"\(field)\"") == true)
                let orders = try await client.send(ListOrders(after: 0, limit: 10))
                #expect(orders.isEmpty)
            }
            #expect(stage.inbox.events.value.isEmpty)
        }
    }

    @Test("says so when there is no such order")
    func unknown() async throws {
        try await withFolder { folder in
            try await OrdersStage(folder: folder).run { _, client in
                let error = await #expect(throws: TransportError.self) { try await client.send(GetOrder(id: 7)) }
                #expect(error?.httpStatus == 404)
            }
        }
    }

    @Test("lists page by page")
    func pages() async throws {
        try await withFolder { folder in
            try await OrdersStage(folder: folder).run { _, client in
                for key in ["a", "b", "c"] { _ = try await client.send(CreateOrder.book(key)) }
                let first = try await client.send(ListOrders(after: 0, limit: 2))
                let second = try await client.send(ListOrders(after: 2, limit: 2))
                #expect(first.map(\.id) == [1, 2] && second.map(\.id) == [3])
            }
        }
    }

    @Test("loses nothing by a restart, and knows its keys")
    func restart() async throws {
        try await withFolder { folder in
            let before = try await OrdersStage(folder: folder).run { _, client in
                try await client.send(CreateOrder.book("a"))
            }
            try await OrdersStage(folder: folder).run { _, client in
                let found = try await client.send(GetOrder(id: before.id))
                let repeated = try await client.send(CreateOrder.book("a"))
                let next = try await client.send(CreateOrder.book("b"))
                #expect(found == before && repeated == before && next.id == before.id + 1)
            }
        }
    }
}
