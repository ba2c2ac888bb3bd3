import CheckoutContracts
import CheckoutDatabase
import Foundation
import GRDB
import Nest

/// What happened, in the order it was heard. Lines are added and never changed.
@Injectable
final class AuditTrail: Sendable {
    private let file: CheckoutDatabase

    init(settings: AuditSettings) throws {
        file = try CheckoutDatabase("audit.sqlite", in: settings.data, migrations: Self.migrations)
    }

    /// Writes it down, unless it is there: an event may be told twice. Returns when it is on the disk.
    func record(_ event: OrderCreated) async throws {
        let order = try Payload(encoding: event.order).description
        try await file.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO audit (event, event_id, order_id, order_json) VALUES (?, ?, ?, ?)",
                arguments: [OrderCreated.pattern.name, event.id.uuidString, event.order.id, order])
        }
    }

    func entries(_ request: ReadAudit) async throws -> [AuditEntry] {
        let limit = min(max(request.limit, 1), 1_000)
        return try await file.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM audit WHERE number > ? AND (? IS NULL OR order_id = ?) ORDER BY number LIMIT ?",
                arguments: [request.after, request.orderID, request.orderID, limit]
            ).map(AuditEntry.init)
        }
    }

    private static var migrations: DatabaseMigrator {
        var migrations = DatabaseMigrator()
        migrations.registerMigration("audit") { database in
            try database.execute(
                sql: """
                    CREATE TABLE audit (
                        number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, event_id TEXT NOT NULL UNIQUE,
                        order_id INTEGER NOT NULL, order_json TEXT NOT NULL,
                        recorded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ'))) STRICT;
                    CREATE INDEX audit_order ON audit (order_id, number);
                    """)
        }
        return migrations
    }
}

extension AuditTrail: OnApplicationShutdown {
    func onApplicationShutdown(_ signal: String?) throws { try file.close() }
}

extension AuditEntry {
    fileprivate init(_ row: Row) throws {
        self.init(
            number: row["number"], event: row["event"], eventID: row["event_id"],
            order: try Payload(json: row["order_json"] as String).decode(), recordedAt: row["recorded_at"])
    }
}
