import CheckoutContracts
import HTTPTypes
import NestHTTPTesting
import Testing

@Suite("checkout-api") struct CheckoutAPITests {
    private let book = NewOrder(customer: "ada@example.org", sku: "book", quantity: 1)
    private static let key = HTTPField.Name("Idempotency-Key") ?? .ifMatch

    @Test("takes an order, says where it is, and shows what became of it")
    func create() async throws {
        try await Shop.open { shop, client in
            let answer = try await client.post("/orders", book)
            #expect(answer.status == .created && answer.headers[.location] == "/orders/1")
            let order = try answer.decode(as: Order.self)
            #expect(order.sku == "book" && order.cents == 2_990)
            let found = try await client.get("/orders/1")
            let page = try await client.get("/orders?after=0&limit=5")
            #expect(try found.decode() == order && page.decode() == [order])
            // A service that ends has told everything before.
            await shop.orders.close()
            let trail = try await client.get("/orders/1/audit").decode(as: [AuditEntry].self)
            #expect(trail.map(\.order) == [order])
        }
    }

    @Test("answers the same key with the same order")
    func idempotency() async throws {
        try await Shop.open { _, client in
            let first = try await client.post("/orders", book, headers: [Self.key: "a"])
            let again = try await client.post("/orders", book, headers: [Self.key: "a"])
            let other = try await client.post("/orders", book, headers: [Self.key: "b"])
            #expect(first.text == again.text && first.text != other.text)
        }
    }

    @Test("passes on what is refused, as a problem document")
    func problems() async throws {
        try await Shop.open { _, client in
            let nothing = NewOrder(customer: "ada@example.org", sku: "book", quantity: 0)
            let refused = try await client.post("/orders", nothing)
            #expect(refused.status == 422 && refused.text.contains("\"field\":\"quantity\""))
            #expect(refused.headers[.contentType] == "application/problem+json")
            let unknown = try await client.get("/orders/9")
            let wrong = try await client.get("/orders/nine")
            #expect(unknown.status == .notFound && wrong.status == .badRequest)
        }
    }

    @Test("is answered for when orders-rpc is not there")
    func down() async throws {
        try await Shop.open { shop, client in
            await shop.orders.close()
            let answer = try await client.post("/orders", book)
            #expect(answer.status == .serviceUnavailable || answer.status == .gatewayTimeout)
            #expect(answer.headers[.contentType] == "application/problem+json")
        }
    }
}
