package import GRDB
import Synchronization

/// Transactions of many callers with one wait for the disk: whoever comes while one is being written shares the next.
package final class GroupWriter: Sendable {
    private let pool: DatabasePool
    private let waiting = Mutex<[any WriteJob]>([])

    package init(_ pool: DatabasePool) { self.pool = pool }

    /// Returns when the changes are on the disk. What `body` throws undoes its own changes and nobody else's.
    package func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { add(SavepointJob(continuation: $0, body: body)) }
    }

    private func add(_ job: some WriteJob) {
        let isFirst = waiting.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { pool.asyncWriteWithoutTransaction { self.writeAll(to: $0) } }
    }

    private func writeAll(to database: Database) {
        let jobs = waiting.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        do {
            try database.inTransaction(.immediate) {
                for job in jobs { job.run(in: database) }
                return .commit
            }
            for job in jobs { job.end(failure: nil) }
        } catch {
            for job in jobs { job.end(failure: error) }
        }
    }
}
