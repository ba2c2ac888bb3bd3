import NIOCore
import Synchronization

/// Lines that wait to be written: callers on any thread put them in, the event loop takes all of them at once.
final class OutgoingLines: Sendable {
    /// What the event loop takes.
    struct Batch {
        var bytes: ByteBuffer
        /// The events in it: their callers wait until it is written.
        var events: [UInt64]
    }

    private struct State {
        var bytes = ByteBuffer()
        var events: [UInt64] = []
        /// Taken by the loop, and not yet by the socket.
        var leaving = 0
        var isScheduled = false
        var lastSize = 0
        var closed: TransportError?
    }

    private let state = Mutex(State())
    private let codec = NestCodec()
    private let maxLine: Int
    private let maxBytes: Int

    init(options: TCPOptions) {
        maxLine = options.maxFrameBytes
        maxBytes = options.maxBufferedBytes
    }

    /// Puts a request in. Returns true when the loop must be told, and throws when the line or the buffer is too large.
    func append(_ kind: MessageKind, _ message: OutgoingMessage, id: UInt64) throws(TransportError) -> Bool {
        let result = state.withLock { state -> Result<Bool, TransportError> in
            if let refusal = refusal(state) { return .failure(refusal) }
            let start = state.bytes.writerIndex
            if start == 0 { state.bytes.reserveCapacity(min(max(512, state.lastSize), 64 << 10)) }
            codec.write(kind, message, id: id, to: &state.bytes)
            state.bytes.endLine(from: start)
            guard state.bytes.writerIndex - start <= maxLine else {
                state.bytes.moveWriterIndex(to: start)
                return .failure(Self.tooLarge(maxLine))
            }
            if kind == .emit { state.events.append(id) }
            return .success(Self.schedule(&state))
        }
        return try result.get()
    }

    /// Puts in a word about a stream. It is small, and what it saves is large: no bound applies.
    func append(_ control: StreamControl, id: UInt64) -> Bool {
        state.withLock { state in
            guard state.closed == nil else { return false }
            codec.write(control, id: id, to: &state.bytes)
            state.bytes.writeInteger(UInt8(ascii: "\n"))
            return Self.schedule(&state)
        }
    }

    /// Takes everything out; nil when there is nothing.
    func take() -> Batch? {
        state.withLock { state in
            state.isScheduled = false
            guard state.bytes.readableBytes > 0 else { return nil }
            let batch = Batch(bytes: state.bytes, events: state.events)
            state.lastSize = batch.bytes.readableBytes
            state.leaving += state.lastSize
            state.bytes = ByteBuffer()
            state.events = []
            return batch
        }
    }

    /// The socket has taken so many bytes.
    func left(_ bytes: Int) { state.withLock { $0.leaving -= bytes } }

    /// Nothing is taken any more.
    func close(_ error: TransportError) {
        state.withLock { state in
            state.closed = error
            state.bytes = ByteBuffer()
            state.events = []
        }
    }

    static func tooLarge(_ limit: Int) -> TransportError {
        TransportError(.tooLarge, "the message is larger than \(limit) bytes, the limit of its client")
    }

    private func refusal(_ state: borrowing State) -> TransportError? {
        if let closed = state.closed { return closed }
        guard state.bytes.readableBytes + state.leaving < maxBytes else {
            return TransportError(.overloaded, "\(maxBytes) bytes wait to be written already")
        }
        return nil
    }

    private static func schedule(_ state: inout State) -> Bool {
        defer { state.isScheduled = true }
        return !state.isScheduled
    }
}
