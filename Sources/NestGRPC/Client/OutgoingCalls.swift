import NIOCore
import Synchronization

/// What callers on any thread want of a connection: they put it in, the event loop takes all of it at once.
final class OutgoingCalls: Sendable {
    enum Command: Sendable {
        case start(ClientCall)
        /// The reader of a stream is ready for more items.
        case grant(UInt64, Int)
        /// Nobody waits for the answer any more.
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        /// Bytes of the calls in the line.
        var queued = 0
        /// Bytes of calls that the loop has taken, and the socket has not.
        var leaving = 0
        var isScheduled = false
        var closed: TransportError?
    }

    private let state = Mutex(State())
    private let maxBytes: Int

    init(options: GRPCOptions) { maxBytes = options.maxBufferedBytes }

    /// Puts a call in; true when the loop must be told. Throws `overloaded` when too much waits, and why the connection
    /// takes nothing any more.
    func append(_ call: ClientCall) throws(TransportError) -> Bool {
        let result = state.withLock { state -> Result<Bool, TransportError> in
            if let closed = state.closed { return .failure(closed) }
            guard state.queued + state.leaving < maxBytes else {
                return .failure(TransportError(.overloaded, "\(maxBytes) bytes wait to be written already"))
            }
            state.queued += call.message.payload.count
            state.commands.append(.start(call))
            return .success(Self.schedule(&state))
        }
        return try result.get()
    }

    /// Puts in a word about a call, for which there is always room: it is small, and there are few for each call.
    func append(_ command: Command) -> Bool {
        state.withLock { state in
            state.commands.append(command)
            return Self.schedule(&state)
        }
    }

    func take() -> [Command] {
        state.withLock { state in
            state.isScheduled = false
            state.leaving += state.queued
            state.queued = 0
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Says how much of what was taken is not with the socket yet.
    func note(leaving bytes: Int) { state.withLock { $0.leaving = bytes } }

    /// No calls are taken any more.
    func close(_ error: TransportError) {
        state.withLock { state in
            if state.closed == nil { state.closed = error }
        }
    }

    private static func schedule(_ state: inout State) -> Bool {
        defer { state.isScheduled = true }
        return !state.isScheduled
    }
}
