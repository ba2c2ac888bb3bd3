import GRDB
import Synchronization

/// One caller's part of a transaction.
protocol WriteJob: Sendable {
    func run(in database: Database)
    /// Tells the caller, once the transaction is over.
    func end(failure: (any Error)?)
}

/// Undone by itself when it throws.
final class SavepointJob<Value: Sendable>: WriteJob {
    private let continuation: CheckedContinuation<Value, any Error>
    private let body: @Sendable (Database) throws -> Value
    private let result = Mutex<Result<Value, any Error>?>(nil)

    init(continuation: CheckedContinuation<Value, any Error>, body: @escaping @Sendable (Database) throws -> Value) {
        self.continuation = continuation
        self.body = body
    }

    func run(in database: Database) {
        let result: Result<Value, any Error>
        do {
            var value: Value?
            try database.inSavepoint {
                value = try body(database)
                return .commit
            }
            result = value.map { .success($0) } ?? .failure(CancellationError())
        } catch {
            result = .failure(error)
        }
        self.result.withLock { $0 = result }
    }

    func end(failure: (any Error)?) {
        if let failure { return continuation.resume(throwing: failure) }
        continuation.resume(with: result.withLock { $0 } ?? .failure(CancellationError()))
    }
}
