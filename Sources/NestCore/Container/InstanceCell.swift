import Synchronization

/// The place of one object that is made once, however many ask for it at the same time.
final class InstanceCell: Sendable {
    private enum State {
        case empty
        case making(Construction, [Waiter])
        case made(any Sendable)
    }

    private struct Waiter {
        var id: Int
        var continuation: CheckedContinuation<(any Error)?, Never>
    }

    private enum Turn {
        case made(any Sendable)
        case make
        case wait(Construction)
    }

    private let state = Mutex(State.empty)

    /// The object, once it is there.
    var value: (any Sendable)? {
        state.withLock { state in
            guard case .made(let value) = state else { return nil }
            return value
        }
    }

    /// Lets go of the object.
    func clear() {
        let old = state.withLock { state -> State in
            guard case .made = state else { return .empty }
            defer { state = .empty }
            return state
        }
        // Freed here, outside the lock: its deinit may ask for other objects.
        _ = consume old
    }

    /// The object; made by the first who asks. The others wait for it and fail with it; if it was
    /// cancelled, the next one tries.
    func value(
        for construction: Construction, waits: WaitGraph, make: () async throws -> any Sendable
    ) async throws -> any Sendable {
        while true {
            switch turn(construction) {
            case .made(let value): return value
            case .make: return try await fill(make)
            case .wait(let maker):
                let wait = try construction.parent.map { try waits.enter($0, for: maker) }
                defer { if let wait { waits.leave(wait) } }
                if let failure = await waitForTurn(of: maker) { throw failure }
                try Task.checkCancellation()
            }
        }
    }

    private func turn(_ construction: Construction) -> Turn {
        state.withLock { state in
            switch state {
            case .made(let value): return .made(value)
            case .making(let maker, _): return .wait(maker)
            case .empty:
                state = .making(construction, [])
                return .make
            }
        }
    }

    private func fill(_ make: () async throws -> any Sendable) async throws -> any Sendable {
        do {
            let value = try await make()
            end(with: .made(value), failure: nil)
            return value
        } catch {
            end(with: .empty, failure: Task.isCancelled || error is CancellationError ? nil : error)
            throw error
        }
    }

    private func end(with next: State, failure: (any Error)?) {
        let waiting = state.withLock { state -> [Waiter] in
            guard case .making(_, let waiting) = state else { return [] }
            state = next
            return waiting
        }
        for waiter in waiting { waiter.continuation.resume(returning: failure) }
    }
}

// MARK: - Waiting

extension InstanceCell {
    private static let nextWaiter = Atomic(0)

    /// Returns when the attempt is over, with what all waiters fail with, or when the task is cancelled.
    private func waitForTurn(of maker: Construction) async -> (any Error)? {
        let id = Self.nextWaiter.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = enqueue(Waiter(id: id, continuation: continuation), for: maker)
                if !isWaiting { continuation.resume(returning: nil) }
                // A cancellation before this point found nobody to wake.
                if isWaiting, Task.isCancelled { wake(id) }
            }
        } onCancel: {
            wake(id)
        }
    }

    private func enqueue(_ waiter: Waiter, for maker: Construction) -> Bool {
        state.withLock { state in
            guard case .making(let current, let waiting) = state, current === maker else { return false }
            state = .making(current, waiting + [waiter])
            return true
        }
    }

    private func wake(_ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard case .making(let maker, var waiting) = state,
                let index = waiting.firstIndex(where: { $0.id == id })
            else { return nil }
            let waiter = waiting.remove(at: index)
            state = .making(maker, waiting)
            return waiter
        }
        waiter?.continuation.resume(returning: nil)
    }
}
