package import NIOCore
import Synchronization

/// Where a streaming reply's items wait for their reader: the transport puts in, the reader takes out.
///
/// What is buffered never exceeds the credit the reader has granted, so a slow reader slows its own stream and nothing else.
package final class ReplyStreamSource: Sendable {
    /// What a source asks of its transport. Called outside any lock, from the reader's task.
    package struct Actions: Sendable {
        /// The reader is ready for so many more items.
        var grant: @Sendable (Int) -> Void
        /// The reader does not want the rest. True when the peer has answered with an item, and so may be told.
        var cancel: @Sendable (_ hasItems: Bool) -> Void
        /// The reader has begun to wait for an item (set the deadline).
        var wait: @Sendable () -> Void

        package init(
            grant: @escaping @Sendable (Int) -> Void, cancel: @escaping @Sendable (Bool) -> Void,
            wait: @escaping @Sendable () -> Void
        ) {
            self.grant = grant
            self.cancel = cancel
            self.wait = wait
        }
    }

    private struct State {
        var items = Fifo<Payload>()
        var end: TransportError?
        var isFinished = false
        var waiter: UnsafeContinuation<Result<Payload?, TransportError>, Never>?
        /// Items taken since credit was last granted.
        var taken = 0
        /// The peer has answered with an item: only then may it be sent credit or a cancellation.
        var hasItems = false
        var actions: Actions?
    }

    private let state = Mutex(State())
    private let window: Int
    /// When the whole stream must have ended, however fast its items come.
    let deadline: NIODeadline?

    /// `window` is the credit the request carries; `deadline` is the message's ``OutgoingMessage/streamDeadline``.
    package init(window: Int, deadline: NIODeadline? = nil) {
        self.window = max(1, window)
        self.deadline = deadline
    }

    /// Says how to talk to the peer; once, before the request is published.
    package func attach(_ actions: Actions) { state.withLock { $0.actions = actions } }

    /// Puts in one item. A peer that sends more than it was granted ends the stream.
    ///
    /// False when the reader has gone before: nobody has told the peer then, because it had not answered yet.
    @discardableResult
    package func yield(_ payload: Payload) -> Bool {
        let (waiter, end) = state.withLock {
            state -> (UnsafeContinuation<Result<Payload?, TransportError>, Never>?, YieldEnd) in
            guard !state.isFinished else { return (nil, .gone) }
            state.hasItems = true
            guard let waiter = state.waiter else {
                guard state.items.count < window else { return (nil, .overrun) }
                state.items.append(payload)
                return (nil, .taken)
            }
            state.waiter = nil
            state.taken += 1
            return (waiter, .taken)
        }
        waiter?.resume(returning: .success(payload))
        if end == .overrun { cancel(TransportError(.overloaded, "the peer sends more items than it was granted")) }
        return end != .gone
    }

    private enum YieldEnd {
        case taken, overrun, gone
    }

    /// Ends the stream: with an error, with a last reply that was no stream at all, or plainly.
    package func finish(_ reply: PendingReplies.Reply?) {
        if case .success(let payload)? = reply { yield(payload) }
        let waiter = state.withLock { state -> UnsafeContinuation<Result<Payload?, TransportError>, Never>? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            if case .failure(let error)? = reply { state.end = error }
            defer { state.waiter = nil }
            return state.waiter
        }
        if case .failure(let error)? = reply {
            waiter?.resume(returning: .failure(error))
        } else {
            waiter?.resume(returning: .success(nil))
        }
    }

    /// Takes the next item out, waiting for it; nil at the end.
    package func next() async throws(TransportError) -> Payload? {
        grantIfDue()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if let ready = takeOrWait(continuation) { continuation.resume(returning: ready) }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Gives the stream up: the reader's task was cancelled, or the reader went away.
    package func cancel() { cancel(TransportError(.cancelled, "the reader gave the stream up")) }

    /// Ends the stream on this side with `error`, and tells the other side if it may be told.
    func cancel(_ error: TransportError) {
        let (waiter, actions, hasItems) = state.withLock {
            state -> (UnsafeContinuation<Result<Payload?, TransportError>, Never>?, Actions?, Bool) in
            guard !state.isFinished else { return (nil, nil, false) }
            state.isFinished = true
            state.items = Fifo()
            state.end = error
            defer {
                state.waiter = nil
                state.actions = nil
            }
            return (state.waiter, state.actions, state.hasItems)
        }
        waiter?.resume(returning: .failure(error))
        actions?.cancel(hasItems)
    }

    /// An item or the end when there is one; otherwise the reader is put in place and told to wait.
    private func takeOrWait(
        _ continuation: UnsafeContinuation<Result<Payload?, TransportError>, Never>
    ) -> Result<Payload?, TransportError>? {
        let (ready, actions) = state.withLock { state -> (Result<Payload?, TransportError>?, Actions?) in
            if let item = state.items.popFirst() {
                state.taken += 1
                return (.success(item), nil)
            }
            if state.isFinished { return (state.end.map { .failure($0) } ?? .success(nil), nil) }
            guard state.waiter == nil else {
                return (.failure(TransportError(.unsupported, "a streaming reply has one reader")), nil)
            }
            state.waiter = continuation
            return (nil, state.actions)
        }
        actions?.wait()
        return ready
    }

    private func grantIfDue() {
        let (count, actions) = state.withLock { state -> (Int, Actions?) in
            guard state.taken >= max(1, window / 2), !state.isFinished, state.hasItems else { return (0, nil) }
            defer { state.taken = 0 }
            return (state.taken, state.actions)
        }
        if count > 0 { actions?.grant(count) }
    }
}
