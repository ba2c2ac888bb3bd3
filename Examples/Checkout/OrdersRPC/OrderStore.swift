import CheckoutContracts
import CheckoutDatabase
import Foundation
import GRDB
import Nest

/// The orders, in SQLite. An order and the news of it are written in one transaction: there is never one without the
/// other.
@Injectable
struct OrderStore {
    let database: OrdersDatabase
    let outbox: Outbox

    /// The order of this key: a new one, or the one that was made when the key came first.
    func create(_ request: CreateOrder, cents: Int) async throws -> Order {
        let (order, isNew) = try await database.file.write { [outbox] database in
            if let known = try Order.find(key: request.key, in: database) { return (known, false) }
            let order = try Order.insert(request, cents: cents, in: database)
            try outbox.add(OrderCreated(id: UUID(), order: order), in: database)
            return (order, true)
        }
        if isNew { outbox.wake() }
        return order
    }

    func find(_ id: Int) async throws -> Order? {
        try await database.file.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM orders WHERE id = ?", arguments: [id]).map(Order.init)
        }
    }

    func page(after id: Int, limit: Int) async throws -> [Order] {
        try await database.file.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM orders WHERE id > ? ORDER BY id LIMIT ?", arguments: [id, limit]
            ).map(Order.init)
        }
    }
}
