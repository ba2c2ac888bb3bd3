import CheckoutContracts
import GRDB

extension Order {
    init(_ row: Row) {
        self.init(
            id: row["id"], customer: row["customer"], sku: row["sku"], quantity: row["quantity"], cents: row["cents"])
    }

    static func find(key: String, in database: Database) throws -> Order? {
        try Row.fetchOne(database, sql: "SELECT * FROM orders WHERE key = ?", arguments: [key]).map(Order.init)
    }

    static func insert(_ request: CreateOrder, cents: Int, in database: Database) throws -> Order {
        let order = request.order
        try database.execute(
            sql: "INSERT INTO orders (key, customer, sku, quantity, cents) VALUES (?, ?, ?, ?, ?)",
            arguments: [request.key, order.customer, order.sku, order.quantity, cents])
        return Order(
            id: Int(database.lastInsertedRowID), customer: order.customer, sku: order.sku, quantity: order.quantity,
            cents: cents)
    }
}
