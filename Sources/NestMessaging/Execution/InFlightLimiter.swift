import Synchronization

/// Bounds the messages one server handles at once. Who finds it full waits in line and is given the next free place.
package final class InFlightLimiter: Sendable {
    private struct Line {
        var callbacks = Fifo<@Sendable () -> Void>()
        /// Somebody is calling them already, and goes on until nobody waits or no place is free.
        var isBeingServed = false
    }

    private let limit: Int
    private let inFlight = Atomic(0)
    private let hasWaiters = Atomic(false)
    private let line = Mutex(Line())

    /// At most `limit` messages at once.
    package init(limit: Int) { self.limit = max(1, limit) }

    /// How many are being handled.
    package var count: Int { inFlight.load(ordering: .relaxed) }

    /// Takes a place; false when there is none, or others wait for one already.
    @inline(__always)
    package func tryAcquire() -> Bool {
        if hasWaiters.load(ordering: .relaxed) { return false }
        return take()
    }

    /// Gives a place back.
    @inline(__always)
    package func release() {
        inFlight.subtract(1, ordering: .sequentiallyConsistent)
        if hasWaiters.load(ordering: .sequentiallyConsistent) { serveLine() }
    }

    /// Calls back once, with a place taken for the caller: first in line, first served, and before anybody who only
    /// tries. Who does not need the place any more gives it back with ``release()``, so that the next in line gets it.
    package func whenAvailable(_ callback: @escaping @Sendable () -> Void) {
        line.withLock { line in
            line.callbacks.append(callback)
            hasWaiters.store(true, ordering: .sequentiallyConsistent)
        }
        // A place given back before the store has been offered to nobody.
        serveLine()
    }

    private func take() -> Bool {
        var taken = inFlight.load(ordering: .sequentiallyConsistent)
        while taken < limit {
            let (exchanged, current) = inFlight.weakCompareExchange(
                expected: taken, desired: taken + 1, ordering: .sequentiallyConsistent)
            if exchanged { return true }
            taken = current
        }
        return false
    }

    /// One caller at a time, so that a line of those who all give their place back at once is a loop and no recursion.
    private func serveLine() {
        let isMine = line.withLock { line in
            defer { line.isBeingServed = true }
            return !line.isBeingServed
        }
        guard isMine else { return }
        while let callback = next() { callback() }
    }

    /// The first in line, when there is a place for it; otherwise the line is left alone.
    private func next() -> (@Sendable () -> Void)? {
        line.withLock { line in
            if !line.callbacks.isEmpty, take() {
                let first = line.callbacks.popFirst()
                hasWaiters.store(!line.callbacks.isEmpty, ordering: .sequentiallyConsistent)
                return first
            }
            line.isBeingServed = false
            return nil
        }
    }
}
