import CheckoutDatabase
import GRDB
import Testing

@Suite("A group of writers") struct GroupWriterTests {
    private struct Refused: Error {}

    private static var migrations: DatabaseMigrator {
        var migrations = DatabaseMigrator()
        migrations.registerMigration("numbers") { database in
            try database.execute(sql: "CREATE TABLE numbers (number INTEGER PRIMARY KEY) STRICT")
        }
        return migrations
    }

    @Test("share a transaction, and undo only their own changes")
    func failures() async throws {
        try await withFolder { folder in
            let file = try CheckoutDatabase("numbers.sqlite", in: folder, migrations: Self.migrations)
            let refused = await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            try await file.write { database in
                                try database.execute(sql: "INSERT INTO numbers VALUES (?)", arguments: [number])
                                if number % 10 == 0 { throw Refused() }
                            }
                            return 0
                        } catch {
                            return error is Refused ? 1 : 1_000
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            let count = try await file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM numbers") }
            #expect(refused == 10 && count == 90)
            try file.close()
        }
    }

    @Test("wait for the disk")
    func synchronous() async throws {
        try await withFolder { folder in
            let file = try CheckoutDatabase("numbers.sqlite", in: folder, migrations: Self.migrations)
            let mode = try await file.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            #expect(mode == 2)
            try file.close()
        }
    }

    @Test("are told when the file cannot be written any more")
    func closed() async throws {
        try await withFolder { folder in
            let file = try CheckoutDatabase("numbers.sqlite", in: folder, migrations: Self.migrations)
            try file.close()
            await #expect(throws: DatabaseError.self) {
                try await file.write { try $0.execute(sql: "INSERT INTO numbers VALUES (1)") }
            }
        }
    }
}
