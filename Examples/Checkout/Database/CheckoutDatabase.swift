package import Foundation
package import GRDB

/// A SQLite file: many readers, one writer, and nothing that was confirmed is lost, whatever ends the process.
package struct CheckoutDatabase: Sendable {
    private let pool: DatabasePool
    private let writer: GroupWriter

    /// Opens the file, made if there is none, and brings its tables up to date.
    package init(_ name: String, in folder: URL, migrations: DatabaseMigrator) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        pool = try DatabasePool(path: folder.appendingPathComponent(name).path)
        // A commit waits for the disk; by default one that was confirmed could be lost with the power.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try migrations.migrate(pool)
        writer = GroupWriter(pool)
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await pool.read(body)
    }

    /// Returns when the changes are on the disk; what `body` throws undoes them.
    package func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await writer.write(body)
    }

    /// Waits for what is being written, and lets go of the file.
    package func close() throws { try pool.close() }
}
