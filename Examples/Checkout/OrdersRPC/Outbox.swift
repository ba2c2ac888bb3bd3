import CheckoutContracts
import CheckoutDatabase
import GRDB
import Nest

/// Events that are still to be told, one row for each listener, in the database of what they tell about.
@Injectable
final class Outbox: Sendable {
    /// Who is told. Each has its own place in the outbox, so that one that is down holds up nobody else.
    enum Listener: String {
        case audit
        case notifications
        case ledger

        /// The name of the client that leads to it.
        var client: String { rawValue.uppercased() }
    }

    /// An event for a listener.
    struct Item: Sendable, Equatable {
        var id: Int
        var event: OrderCreated
    }

    let listeners: [Listener]
    private let database: OrdersDatabase
    private let bells: [Listener: Bell]

    init(database: OrdersDatabase, settings: OrdersSettings) {
        self.database = database
        listeners = settings.listeners
        bells = Dictionary(uniqueKeysWithValues: listeners.map { ($0, Bell()) })
    }

    /// Part of the transaction that makes the event true.
    func add(_ event: OrderCreated, in database: Database) throws {
        let json = try Payload(encoding: event).description
        for listener in listeners {
            try database.execute(
                sql: "INSERT INTO outbox (listener, event) VALUES (?, ?)", arguments: [listener.rawValue, json])
        }
    }

    /// After the transaction: there is something to tell.
    func wake() { for bell in bells.values { bell.ring() } }

    /// Yields at once, and after every ``wake()``.
    func rings(for listener: Listener) -> AsyncStream<Void> { (bells[listener] ?? Bell()).rings }

    /// The oldest events of a listener.
    func next(_ count: Int, for listener: Listener) async throws -> [Item] {
        try await database.file.read { database in
            let sql = "SELECT id, event FROM outbox WHERE listener = ? AND refusal IS NULL ORDER BY id LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: [listener.rawValue, count]).map { row in
                Item(id: row["id"], event: try Payload(json: row["event"] as String).decode())
            }
        }
    }

    /// The listener has confirmed them.
    func remove(_ ids: [Int]) async throws {
        try await database.file.write { database in
            let marks = databaseQuestionMarks(count: ids.count)
            try database.execute(
                sql: "DELETE FROM outbox WHERE id IN (\(marks))", arguments: StatementArguments(ids))
        }
    }

    /// The listener will never take it: kept for an operator, out of the others' way.
    func set(aside id: Int, because reason: String) async throws {
        try await database.file.write { database in
            try database.execute(sql: "UPDATE outbox SET refusal = ? WHERE id = ?", arguments: [reason, id])
        }
    }
}
