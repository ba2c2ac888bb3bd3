import CheckoutDatabase
import GRDB
import Nest

/// The file with the orders and the outbox: in one, so that one transaction writes both.
@Injectable
final class OrdersDatabase: Sendable {
    let file: CheckoutDatabase

    init(settings: OrdersSettings) throws {
        file = try CheckoutDatabase("orders.sqlite", in: settings.data, migrations: Self.migrations)
    }

    private static var migrations: DatabaseMigrator {
        var migrations = DatabaseMigrator()
        migrations.registerMigration("orders") { database in
            try database.execute(
                sql: """
                    CREATE TABLE orders (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, customer TEXT NOT NULL,
                        sku TEXT NOT NULL, quantity INTEGER NOT NULL, cents INTEGER NOT NULL) STRICT;
                    CREATE TABLE outbox (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, listener TEXT NOT NULL, event TEXT NOT NULL,
                        refusal TEXT) STRICT;
                    CREATE INDEX outbox_waiting ON outbox (listener, id) WHERE refusal IS NULL;
                    """)
        }
        return migrations
    }
}

extension OrdersDatabase: OnApplicationShutdown {
    func onApplicationShutdown(_ signal: String?) throws { try file.close() }
}
