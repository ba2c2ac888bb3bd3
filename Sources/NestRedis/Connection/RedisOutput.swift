import NIOCore
import Synchronization

/// Commands that wait to be written: callers on any thread put them in, the event loop takes all of them at once.
final class RedisOutput: Sendable {
    /// What the event loop takes.
    struct Batch {
        var bytes: ByteBuffer
        var expected: [RedisExpected]
    }

    private struct State {
        var bytes = ByteBuffer()
        /// Where a message is written whose size must be known before it.
        var scratch = ByteBuffer()
        var expected: [RedisExpected] = []
        /// Taken by the loop, and not yet by the socket.
        var leaving = 0
        var isScheduled = false
        var enough = RedisOutput.enough
        var lastSize = 0
        var closed: TransportError?
        var roomWaiters: [@Sendable () -> Void] = []
    }

    enum Appended {
        /// The loop knows already.
        case quietly
        /// The loop must be told.
        case first
        /// Enough for a write of its own.
        case enough
        case refused(TransportError)
    }

    /// Commands after which Redis should begin at the least, while the loop goes on with what it has: with many under way
    /// both would wait for each other otherwise.
    private static let enough = 16

    private let state = Mutex(State())
    private let maxBytes: Int

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Puts in the one command that `write` writes. It gets an empty second buffer for a part whose size is not known.
    @inline(__always)
    func append(_ expected: RedisExpected, _ write: (inout ByteBuffer, inout ByteBuffer) -> Void) -> Appended {
        state.withLock { state in
            if let closed = state.closed { return .refused(closed) }
            if state.expected.isEmpty { state.bytes.reserveCapacity(min(max(512, state.lastSize), 64 << 10)) }
            state.scratch.clear(minimumCapacity: 0)
            write(&state.bytes, &state.scratch)
            state.expected.append(expected)
            guard state.isScheduled else {
                state.isScheduled = true
                return .first
            }
            return state.expected.count >= state.enough ? .enough : .quietly
        }
    }

    /// Takes everything out; nil when there is nothing. `unanswered` commands left before: of many a quarter is enough for
    /// a write, smaller ones would only cost.
    func take(unanswered: Int) -> Batch? {
        state.withLock { state in
            state.isScheduled = false
            state.enough = max(Self.enough, (unanswered + state.expected.count) / 4)
            guard !state.expected.isEmpty else { return nil }
            let batch = Batch(bytes: state.bytes, expected: state.expected)
            state.lastSize = batch.bytes.readableBytes
            state.leaving += state.lastSize
            state.bytes = ByteBuffer()
            state.expected = []
            state.expected.reserveCapacity(min(batch.expected.count, 1_024))
            return batch
        }
    }

    /// The socket has taken so many bytes.
    func left(_ bytes: Int) {
        let waiters = state.withLock { state -> [@Sendable () -> Void] in
            state.leaving -= bytes
            guard !state.roomWaiters.isEmpty, isRoomy(state) else { return [] }
            defer { state.roomWaiters = [] }
            return state.roomWaiters
        }
        for waiter in waiters { waiter() }
    }

    /// True as long as less waits than may.
    @inline(__always)
    var hasRoom: Bool { state.withLock { isRoomy($0) } }

    /// Calls back once, when there is room or the connection is gone; soon, when that is so already.
    func whenRoomy(_ body: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state -> Bool in
            if isRoomy(state) || state.closed != nil { return true }
            state.roomWaiters.append(body)
            return false
        }
        if isNow { body() }
    }

    /// Nothing is taken any more. Returns who waits for what was not written.
    func close(_ error: TransportError) -> [RedisExpected] {
        let (expected, waiters) = state.withLock { state in
            state.closed = error
            defer {
                state.bytes = ByteBuffer()
                state.expected = []
                state.roomWaiters = []
            }
            return (state.expected, state.roomWaiters)
        }
        for waiter in waiters { waiter() }
        return expected
    }

    private func isRoomy(_ state: borrowing State) -> Bool {
        state.bytes.readableBytes + state.leaving < maxBytes
    }
}
