import Synchronization

/// How many more items the reader of a stream will take. The writer waits here; the reader's words are put in by the
/// transport.
package final class StreamCredit: Sendable {
    private struct State {
        var credit: Int
        var isCancelled = false
        /// No more will be granted.
        var isFinal = false
        var waiter: UnsafeContinuation<Bool, Never>?
        var onCancel: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    package init(_ initial: Int) { state = Mutex(State(credit: Self.bounded(initial))) }

    private static func bounded(_ count: Int) -> Int { min(max(count, 0), EnvelopeLimits.credit) }

    /// Waits until one more item may be sent; false when the reader does not want the rest.
    package func take() async -> Bool {
        let isTaken = await takeOne()
        if !isTaken { cancel() }
        return isTaken
    }

    private func takeOne() async -> Bool {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let ready = state.withLock { state -> Bool? in
                    if state.isCancelled { return false }
                    guard state.credit > 0 else {
                        if state.isFinal { return false }
                        state.waiter = continuation
                        return nil
                    }
                    state.credit -= 1
                    return true
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// The reader is ready for so many more.
    package func grant(_ count: Int) {
        let waiter = state.withLock { state -> UnsafeContinuation<Bool, Never>? in
            state.credit = Self.bounded(state.credit + Self.bounded(count))
            guard state.credit > 0, let waiter = state.waiter else { return nil }
            state.waiter = nil
            state.credit -= 1
            return waiter
        }
        waiter?.resume(returning: true)
    }

    /// The reader can say nothing any more: it gets what it has granted, and the rest is cancelled.
    package func finishGrants() {
        let waiter = state.withLock { state in
            state.isFinal = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: false)
    }

    /// The reader does not want the rest, or is gone.
    package func cancel() {
        let (waiter, onCancel) = state.withLock { state in
            state.isCancelled = true
            defer {
                state.waiter = nil
                state.onCancel = nil
            }
            return (state.waiter, state.onCancel)
        }
        waiter?.resume(returning: false)
        onCancel?()
    }

    /// Calls back once when the reader does not want the rest; at once when that is known already.
    package func whenCancelled(_ callback: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.onCancel = callback }
            return state.isCancelled
        }
        if isCancelled { callback() }
    }

    /// True when the reader does not want the rest.
    package var isCancelled: Bool { state.withLock { $0.isCancelled } }
}
