import Synchronization

/// Bounds the messages one server handles at once. Who finds it full is called back when there is room again.
package final class InFlightLimiter: Sendable {
    private struct Waiters {
        var callbacks: [@Sendable () -> Void] = []
    }

    private let limit: Int
    private let inFlight = Atomic(0)
    private let hasWaiters = Atomic(false)
    private let waiters = Mutex(Waiters())

    /// At most `limit` messages at once.
    package init(limit: Int) { self.limit = max(1, limit) }

    /// How many are being handled.
    package var count: Int { inFlight.load(ordering: .relaxed) }

    /// Takes a place; false when there is none.
    @inline(__always)
    package func tryAcquire() -> Bool {
        if inFlight.add(1, ordering: .acquiringAndReleasing).newValue <= limit { return true }
        inFlight.subtract(1, ordering: .acquiringAndReleasing)
        return false
    }

    /// Gives a place back.
    @inline(__always)
    package func release() {
        inFlight.subtract(1, ordering: .sequentiallyConsistent)
        if hasWaiters.load(ordering: .sequentiallyConsistent) { wake() }
    }

    /// Calls back once when a place may be free. Try again then: somebody else may have been faster.
    package func whenAvailable(_ callback: @escaping @Sendable () -> Void) {
        waiters.withLock { $0.callbacks.append(callback) }
        hasWaiters.store(true, ordering: .sequentiallyConsistent)
        // A place given back before the store would wake nobody.
        if inFlight.load(ordering: .sequentiallyConsistent) < limit { wake() }
    }

    private func wake() {
        let callbacks = waiters.withLock { waiters in
            hasWaiters.store(false, ordering: .sequentiallyConsistent)
            defer { waiters.callbacks = [] }
            return waiters.callbacks
        }
        for callback in callbacks { callback() }
    }
}
