/// What became of dead letters that were replayed or discarded.
public struct DeadLetterResult: Sendable {
    /// How many are gone from the dead letters as they should be.
    public var succeeded: Int
    /// Why the others are still there, by their ids.
    public var failures: [String: TransportError]

    /// A result; nothing was done yet.
    public init(succeeded: Int = 0, failures: [String: TransportError] = [:]) {
        self.succeeded = succeeded
        self.failures = failures
    }

    /// Does `body` to each letter, and notes what became of it. A lost connection ends it: what comes after fails with the
    /// same error, untried.
    package static func of(
        _ ids: [String], _ body: (String) async throws(TransportError) -> Void
    ) async -> DeadLetterResult {
        var result = DeadLetterResult()
        var end: TransportError?
        for id in ids {
            do throws(TransportError) {
                if let end { throw end }
                if Task.isCancelled { throw .callerCancelled }
                try await body(id)
                result.succeeded += 1
            } catch {
                result.failures[id] = error
                if error.code == .disconnected { end = error }
            }
        }
        return result
    }
}
