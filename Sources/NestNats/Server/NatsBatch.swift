import CNats
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Messages of one subscription, copied out of the library's memory together: one allocation for all of them, where a
/// frame of its own for each would take two.
///
/// It is small, because a message that is kept keeps its batch.
struct NatsBatch {
    /// A message as the library has it, until it is copied; then only its sizes and its headers count.
    private struct Part {
        let body: UnsafeRawBufferPointer
        let name: UnsafeRawBufferPointer
        let reply: UnsafeRawBufferPointer
        let headers: MessageHeaders

        var size: Int { body.count + name.count + reply.count + 1 }
    }

    private static let mostMessages = 64
    private static let mostBytes = 16 << 10

    /// What comes over the subscription it is from.
    private(set) var role = SubscriptionPlan.Role.requests
    /// Of the message that was taken last.
    private(set) var headers = MessageHeaders()
    private var handles: [UInt] = []
    private var parts: [Part] = []
    private var size = 0
    /// The copies, one behind another.
    private var bytes = ByteBuffer()
    private var taken = 0
    /// Where the next one begins.
    private var place = 0

    /// True while more messages may be added, which is only done when it is empty or being filled.
    var hasRoom: Bool { handles.count < Self.mostMessages && size < Self.mostBytes }

    /// Adds a message, whose subject names a pattern.
    @inline(__always)
    mutating func add(_ handle: OpaquePointer, _ message: borrowing NatsMessage, named name: UnsafeRawBufferPointer) {
        let part = Part(body: message.body, name: name, reply: message.reply, headers: message.headers)
        size += part.size
        handles.append(UInt(bitPattern: handle))
        parts.append(part)
    }

    /// Copies what was added, which goes back to the library.
    mutating func copy(from source: SubscriptionPlan.Source) {
        guard !handles.isEmpty else { return }
        role = source.role
        bytes = ByteBufferAllocator().buffer(capacity: size)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            var start = 0
            for part in parts {
                Self.write(part, to: target, at: start)
                start += part.size
            }
            return start
        }
        source.subscription.put(back: handles, bytes: size)
        handles.removeAll(keepingCapacity: true)
        size = 0
    }

    @inline(__always)
    private static func write(_ part: Part, to target: UnsafeMutableRawBufferPointer, at start: Int) {
        copy(part.body, to: target, at: start)
        copy(part.name, to: target, at: start + part.body.count)
        copy(part.reply, to: target, at: start + part.body.count + part.name.count)
        target[start + part.size - 1] = 0
    }

    @inline(__always)
    private static func copy(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, at start: Int
    ) {
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        memcpy(to + start, from, source.count)
    }

    var isEmpty: Bool { taken == parts.count }

    /// Takes the next message out, as an event whose payload is the body, before anything was read in it. Its headers are
    /// ``headers``. Only when there is one.
    ///
    /// A frame is the body, the pattern its subject names, the subject of its answer, and a zero.
    @inline(__always)
    mutating func take() -> IncomingMessage {
        let part = parts[taken]
        let body = ByteRange(0, part.body.count)
        let named = ByteRange(body.end, body.end + part.name.count)
        var message = IncomingMessage(
            kind: .emit, frame: bytes.getSlice(at: place, length: part.size) ?? ByteBuffer(), pattern: named,
            payload: body)
        message.replyRange = ByteRange(named.end, named.end + part.reply.count)
        headers = part.headers
        taken += 1
        place += part.size
        if isEmpty { clear() }
        return message
    }

    /// Whoever keeps a message keeps the bytes; the batch need not, beyond its last one.
    private mutating func clear() {
        bytes = ByteBuffer()
        parts.removeAll(keepingCapacity: true)
        (taken, place) = (0, 0)
    }
}
