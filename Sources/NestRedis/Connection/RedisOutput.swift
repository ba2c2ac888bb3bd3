import NIOCore
import Synchronization

/// Commands that wait to be written: callers on any thread put them in, the event loop takes all of them at once.
final class RedisOutput: Sendable {
    private struct State {
        /// What waits. Its memory is used again when the socket has taken what it held.
        var bytes = ByteBuffer()
        /// Where a message is written whose size must be known before it.
        var scratch = ByteBuffer()
        var expected: [RedisExpected] = []
        /// Commands behind those, for whose replies nobody waits.
        var silent = 0
        var commands = 0
        /// Taken by the loop, and not yet by the socket.
        var leaving = 0
        var isScheduled = false
        var enough = RedisOutput.enough
        var lastSize = 0
        var closed: TransportError?
        var roomWaiters: [@Sendable () -> Void] = []

        @inline(__always)
        mutating func expect(_ next: RedisExpected, more: Int) {
            commands += 1 + more
            if case .silent(let number) = next { return silent += number + more }
            if silent > 0 { expected.append(.silent(silent)) }
            expected.append(next)
            silent = more
        }

        mutating func moveExpected(to waiters: inout RedisWaiters) {
            if silent > 0 { expected.append(.silent(silent)) }
            waiters.append(expected, commands: commands)
            expected.removeAll(keepingCapacity: expected.count <= 1_024)
            (silent, commands) = (0, 0)
        }
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
    /// More memory than this is not kept for the next commands.
    private static let kept = 64 << 10

    private let state = Mutex(State())
    private let maxBytes: Int

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// Puts in the commands that `write` writes: one, and as many behind it as are `more`, for whose replies nobody waits.
    /// It gets an empty second buffer for a part whose size is not known.
    @inline(__always)
    func append(
        _ expected: RedisExpected, more: Int = 0, _ write: (inout ByteBuffer, inout ByteBuffer) -> Void
    ) -> Appended {
        state.withLock { state in
            if let closed = state.closed { return .refused(closed) }
            if state.commands == 0 { state.bytes.clear(minimumCapacity: min(max(512, state.lastSize), Self.kept)) }
            state.scratch.clear(minimumCapacity: 0)
            write(&state.bytes, &state.scratch)
            state.expect(expected, more: more)
            guard state.isScheduled else {
                state.isScheduled = true
                return .first
            }
            return state.commands >= state.enough ? .enough : .quietly
        }
    }

    /// Takes everything out; nil when there is nothing. Who waits for it goes behind those that wait already: of many
    /// a quarter is enough for a write, smaller ones would only cost.
    func take(into waiters: inout RedisWaiters) -> ByteBuffer? {
        state.withLock { state in
            state.isScheduled = false
            state.enough = max(Self.enough, (waiters.count + state.commands) / 4)
            guard state.commands > 0 else { return nil }
            let bytes = state.bytes
            state.moveExpected(to: &waiters)
            state.lastSize = bytes.readableBytes
            state.leaving += state.lastSize
            if bytes.storageCapacity > Self.kept {
                state.bytes = ByteBuffer()
            } else {
                state.bytes.moveReaderIndex(to: bytes.writerIndex)
            }
            return bytes
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
    func close(_ error: TransportError) -> RedisWaiters {
        var unsent = RedisWaiters()
        let waiters = state.withLock { state in
            state.closed = error
            defer {
                state.bytes = ByteBuffer()
                state.scratch = ByteBuffer()
                state.roomWaiters = []
            }
            state.moveExpected(to: &unsent)
            return state.roomWaiters
        }
        for waiter in waiters { waiter() }
        return unsent
    }

    private func isRoomy(_ state: borrowing State) -> Bool {
        state.bytes.readableBytes + state.leaving < maxBytes
    }
}
