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
    /// A message's frame: its body, the pattern its subject names, the subject of its answer, and a zero.
    struct Item {
        let frame: ByteBuffer
        let body: Int
        let name: Int
        let reply: Int
        let headers: MessageHeaders
    }

    /// A message as the library has it.
    private struct Part {
        let body: UnsafeRawBufferPointer
        let name: UnsafeRawBufferPointer
        let reply: UnsafeRawBufferPointer
        let headers: MessageHeaders

        var size: Int { body.count + name.count + reply.count + 1 }
    }

    private struct Place {
        let start: Int
        let body: Int
        let name: Int
        let reply: Int
        let headers: MessageHeaders

        var size: Int { body + name + reply + 1 }
    }

    private static let mostMessages = 64
    private static let mostBytes = 16 << 10

    /// What comes over the subscription it is from.
    private(set) var role = SubscriptionPlan.Role.requests
    private var handles: [OpaquePointer] = []
    private var parts: [Part] = []
    private var size = 0
    private var bytes = ByteBuffer()
    private var places: [Place] = []
    private var taken = 0

    var isEmpty: Bool { taken == places.count }

    /// True while more messages may be added.
    var hasRoom: Bool { handles.count < Self.mostMessages && size < Self.mostBytes }

    /// Adds a message, whose subject names a pattern.
    @inline(__always)
    mutating func add(_ handle: OpaquePointer, _ message: borrowing NatsMessage, named name: UnsafeRawBufferPointer) {
        let part = Part(body: message.body, name: name, reply: message.reply, headers: message.headers)
        handles.append(handle)
        parts.append(part)
        size += part.size
    }

    /// Copies what was added, which goes back to the library.
    mutating func copy(from source: SubscriptionPlan.Source) {
        guard !handles.isEmpty else { return }
        role = source.role
        taken = 0
        places.removeAll(keepingCapacity: true)
        bytes = ByteBufferAllocator().buffer(capacity: size)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            var start = 0
            for part in parts {
                places.append(Self.write(part, to: target, at: start))
                start += part.size
            }
            return start
        }
        if handles.count == 1 {
            source.subscription.put(back: handles[0])
        } else {
            source.subscription.put(back: handles, bytes: size)
        }
        handles.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
        size = 0
    }

    @inline(__always)
    private static func write(_ part: Part, to target: UnsafeMutableRawBufferPointer, at start: Int) -> Place {
        copy(part.body, to: target, at: start)
        copy(part.name, to: target, at: start + part.body.count)
        copy(part.reply, to: target, at: start + part.body.count + part.name.count)
        target[start + part.size - 1] = 0
        return Place(
            start: start, body: part.body.count, name: part.name.count, reply: part.reply.count, headers: part.headers)
    }

    @inline(__always)
    private static func copy(
        _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, at start: Int
    ) {
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        memcpy(to + start, from, source.count)
    }

    /// Takes the next message out; nil at the end.
    @inline(__always)
    mutating func next() -> Item? {
        guard taken < places.count else { return nil }
        let place = places[taken]
        guard let frame = bytes.getSlice(at: place.start, length: place.size) else { return nil }
        taken += 1
        // Whoever keeps a message keeps the bytes; the batch need not, beyond its last one.
        if isEmpty { bytes = ByteBuffer() }
        return Item(frame: frame, body: place.body, name: place.name, reply: place.reply, headers: place.headers)
    }
}
