import CheckoutContracts
import CheckoutDatabase
import Foundation
import GRDB
import Nest

/// What is owed, an entry for each order. Entries are added and never changed.
@Injectable
final class LedgerBook: Sendable {
    private let file: CheckoutDatabase

    init(settings: LedgerSettings) throws {
        file = try CheckoutDatabase("ledger.sqlite", in: settings.data, migrations: Self.migrations)
    }

    /// Enters it, unless it is there: an event may be told twice. Returns when it is on the disk.
    func enter(_ event: OrderCreated) async throws {
        try await file.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO entries (event_id, order_id, customer, cents) VALUES (?, ?, ?, ?)",
                arguments: [event.id.uuidString, event.order.id, event.order.customer, event.order.cents])
        }
    }

    /// What is owed for each order.
    func cents() async throws -> [Int: Int] {
        try await file.read { database in
            try Row.fetchAll(database, sql: "SELECT order_id, cents FROM entries").reduce(into: [:]) { sums, row in
                sums[row["order_id"], default: 0] += row["cents"] as Int
            }
        }
    }

    private static var migrations: DatabaseMigrator {
        var migrations = DatabaseMigrator()
        migrations.registerMigration("ledger") { database in
            try database.execute(
                sql: """
                    CREATE TABLE entries (
                        number INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE,
                        order_id INTEGER NOT NULL, customer TEXT NOT NULL, cents INTEGER NOT NULL) STRICT;
                    """)
        }
        return migrations
    }
}

extension LedgerBook: OnApplicationShutdown {
    func onApplicationShutdown(_ signal: String?) throws { try file.close() }
}
