import Synchronization

/// A value that tests wait on: each change is looked at by everyone who waits, nobody polls.
///
/// ```swift
/// let seen = Watched<[String]>([])
/// // in a handler:
/// seen.update { $0.append(order.id) }
/// // in the test:
/// try await seen.eventually(within: .seconds(5), "both orders") { $0.count == 2 }
/// ```
public final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        var isMet: @Sendable (Value) -> Bool
        var continuation: CheckedContinuation<Value, any Error>
    }

    private struct State {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        /// Cancelled before they had begun to wait.
        var cancelled: Set<Int> = []
        var lastID = 0
    }

    private let state: Mutex<State>

    /// A value to begin with.
    public init(_ value: Value) { state = Mutex(State(value: value)) }

    /// The value as it is now.
    public var value: Value { state.withLock { $0.value } }

    /// Changes the value, and wakes those for whom it is now as they wanted it. Returns what `change` returns.
    @discardableResult
    public func update<Output: Sendable>(_ change: (inout Value) throws -> Output) rethrows -> Output {
        let (result, met, value) = try state.withLock { state in
            let result = try change(&state.value)
            let met = state.waiters.filter { $0.value.isMet(state.value) }
            for id in met.keys { state.waiters[id] = nil }
            return (result, Array(met.values), state.value)
        }
        for waiter in met { waiter.continuation.resume(returning: value) }
        return result
    }

    /// Returns the value once it is as wanted; at once when it is already. Throws when the waiting task is cancelled.
    @discardableResult
    public func wait(until isMet: @escaping @Sendable (Value) -> Bool) async throws -> Value {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                begin(id, Waiter(isMet: isMet, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// The same, with a time limit: throws ``TimeLimitExceeded`` with the value there was.
    @discardableResult
    public func eventually(
        within limit: Duration = .seconds(10), _ what: String, _ isMet: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        do {
            return try await within(limit, what) { try await self.wait(until: isMet) }
        } catch let error as TimeLimitExceeded {
            throw TimeLimitExceeded(description: "\(error); last seen: \(value)")
        }
    }

    /// Returns once all of these are in a list that only grows, in whatever order. At each change only what is new is looked
    /// at, however long the list is. Throws ``TimeLimitExceeded`` with how many are missing.
    @discardableResult
    public func eventuallyContains<Element: Hashable & Sendable>(
        _ expected: Set<Element>, within limit: Duration = .seconds(10), _ what: String
    ) async throws -> Value where Value == [Element] {
        let search = Mutex((missing: expected, seen: 0))
        do {
            return try await within(limit, what) {
                try await self.wait { list in
                    search.withLock { search in
                        for element in list.dropFirst(search.seen) { search.missing.remove(element) }
                        search.seen = list.count
                        return search.missing.isEmpty
                    }
                }
            }
        } catch let error as TimeLimitExceeded {
            let missing = search.withLock { $0.missing }
            throw TimeLimitExceeded(
                description: "\(error); \(missing.count) are missing, among them \(Array(missing.prefix(3)))")
        }
    }

    private func begin(_ id: Int, _ waiter: Waiter) {
        let ready = state.withLock { state -> Result<Value, any Error>? in
            if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
            if waiter.isMet(state.value) { return .success(state.value) }
            state.waiters[id] = waiter
            return nil
        }
        if let ready { waiter.continuation.resume(with: ready) }
    }

    private func cancel(_ id: Int) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: id)
            if waiter == nil { state.cancelled.insert(id) }
            return waiter
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }
}

extension Watched where Value: RangeReplaceableCollection {
    /// Adds an element at the end.
    public func append(_ element: Value.Element) { update { $0.append(element) } }
}

extension Watched where Value: BinaryInteger {
    /// Adds one; returns the sum.
    @discardableResult
    public func increment() -> Value {
        update { value in
            value += 1
            return value
        }
    }

    /// Takes one off.
    public func decrement() { update { $0 -= 1 } }
}
