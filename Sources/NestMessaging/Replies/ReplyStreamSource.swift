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

        package init(grant: @escaping @Sendable (Int) -> Void, cancel: @escaping @Sendable (Bool) -> Void) {
            self.grant = grant
            self.cancel = cancel
        }
    }

    private struct State {
        var items = Fifo<Payload>()
        var end: TransportError?
        var isFinished = false
        var waiter: UnsafeContinuation<Result<Payload?, TransportError>, Never>?
        /// Since when it waits.
        var waitsSince = NIODeadline.distantFuture
        /// Items taken since credit was last granted, and their bytes.
        var taken = 0
        var takenBytes = 0
        /// The peer has answered with an item: only then may it be sent credit or a cancellation.
        var hasItems = false
        var actions: Actions?
        /// Told that the reader has begun to wait.
        var onWait: (@Sendable () -> Void)?

        mutating func take(_ item: Payload) {
            taken += 1
            takenBytes += item.count
        }
    }

    private let state = Mutex(State())
    private let window: Int
    private let windowBytes: Int
    /// How long the reader waits for an item; nil for ever.
    private let patience: TimeAmount?
    /// When the whole stream must have ended, however fast its items come.
    private let deadline: NIODeadline?

    /// `window` is the credit the request carries. `windowBytes` is for a transport whose peer is also held up by the bytes
    /// that were not granted: half of them taken are granted, however few items that are.
    package init(window: Int, windowBytes: Int = .max, patience: TimeAmount? = nil, deadline: NIODeadline? = nil) {
        self.window = max(1, window)
        self.windowBytes = windowBytes
        self.patience = patience
        self.deadline = deadline
    }

    /// For the reply to `message`: an item may take as long as an answer, and all of them until
    /// ``OutgoingMessage/streamDeadline``.
    package convenience init(window: Int, windowBytes: Int = .max, for message: OutgoingMessage) {
        self.init(
            window: window, windowBytes: windowBytes, patience: message.deadline - .now(),
            deadline: message.streamDeadline)
    }

    /// Says how to talk to the peer; once, before the request is published.
    package func attach(_ actions: Actions) { state.withLock { $0.actions = actions } }

    /// Calls back whenever the reader begins to wait; once, before the request is published. Outside any lock.
    func whenItWaits(_ callback: @escaping @Sendable () -> Void) { state.withLock { $0.onWait = callback } }

    /// When the stream ends with an error unless something comes, as things are now.
    var due: NIODeadline {
        let due = state.withLock { state -> NIODeadline in
            guard state.waiter != nil, let patience else { return .distantFuture }
            return state.waitsSince + patience
        }
        return min(due, deadline ?? .distantFuture)
    }

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
            state.take(payload)
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
        typealias Step = (Result<Payload?, TransportError>?, (@Sendable () -> Void)?)
        let (ready, onWait) = state.withLock { state -> Step in
            if let item = state.items.popFirst() {
                state.take(item)
                return (.success(item), nil)
            }
            if state.isFinished { return (state.end.map { .failure($0) } ?? .success(nil), nil) }
            guard state.waiter == nil else {
                return (.failure(TransportError(.unsupported, "a streaming reply has one reader")), nil)
            }
            state.waiter = continuation
            state.waitsSince = .now()
            return (nil, state.onWait)
        }
        onWait?()
        return ready
    }

    private func grantIfDue() {
        let (count, actions) = state.withLock { state -> (Int, Actions?) in
            let isDue = state.taken >= max(1, window / 2) || state.takenBytes >= windowBytes / 2
            guard isDue, state.taken > 0, !state.isFinished, state.hasItems else { return (0, nil) }
            defer { (state.taken, state.takenBytes) = (0, 0) }
            return (state.taken, state.actions)
        }
        if count > 0 { actions?.grant(count) }
    }
}
