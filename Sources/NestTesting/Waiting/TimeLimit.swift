import Synchronization

/// Something took longer than it may.
public struct TimeLimitExceeded: Error, Sendable, CustomStringConvertible {
    /// What it was, and how long it had.
    public let description: String
}

/// Runs `body` and returns what it returns; throws ``TimeLimitExceeded`` when that takes too long.
///
/// For tests: it comes back in time even when `body` hangs and does not listen to its cancellation. Such a body is left
/// behind, cancelled.
///
/// - Parameters:
///   - limit: How long it may take.
///   - what: What is done, for the error's text.
public func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do {
            race.finish(.success(try await body()))
        } catch {
            race.finish(.failure(error))
        }
    }
    let timer = Task {
        try await Task.sleep(for: limit)
        race.finish(.failure(TimeLimitExceeded(description: "\(what): took longer than \(limit)")))
    }
    defer {
        timer.cancel()
        work.cancel()
    }
    return try await withTaskCancellationHandler {
        try await race.result()
    } onCancel: {
        race.finish(.failure(CancellationError()))
    }
}

/// The first result counts.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running
        case waiting(CheckedContinuation<Value, any Error>)
        case finished(Result<Value, any Error>)
    }

    private let state = Mutex(State.running)

    func finish(_ result: Result<Value, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .finished: return nil
            case .running:
                state = .finished(result)
                return nil
            case .waiting(let waiter):
                state = .finished(result)
                return waiter
            }
        }
        waiter?.resume(with: result)
    }

    func result() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let early = state.withLock { state -> Result<Value, any Error>? in
                if case .finished(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let early { continuation.resume(with: early) }
        }
    }
}
