import CNats
import Synchronization

/// Messages that are done with. The library frees them on a thread of its own, which it wakes for each: they are given
/// back many at once. As long as that thread has not come up, it and whoever gives back contend for a lock, which costs
/// the same for a thousand and for four thousand.
final class SpentMessages: Sendable {
    /// Messages as the numbers of their pointers: nobody else has them any more.
    private struct Heap: Sendable {
        var messages: [UInt] = []
        var size = 0
    }

    private let heap = Mutex(Heap())
    private static let most = 4_096
    private static let mostBytes = 1 << 20

    deinit { Self.giveBack(heap.withLock { $0.messages }) }

    /// Takes a message over, from any thread.
    @inline(__always)
    func put(_ handle: OpaquePointer) {
        let (message, size) = (UInt(bitPattern: handle), Int(natsMsg_GetDataLength(handle)))
        let full = heap.withLock { heap -> [UInt]? in
            heap.messages.append(message)
            return Self.takeFull(&heap, adding: size)
        }
        if let full { Self.giveBack(full) }
    }

    /// Takes over many of so many bytes.
    func put(_ messages: [UInt], bytes: Int) {
        let full = heap.withLock { heap -> [UInt]? in
            heap.messages += messages
            return Self.takeFull(&heap, adding: bytes)
        }
        if let full { Self.giveBack(full) }
    }

    private static func takeFull(_ heap: inout Heap, adding bytes: Int) -> [UInt]? {
        heap.size += bytes
        guard heap.messages.count >= most || heap.size >= mostBytes else { return nil }
        defer { heap = Heap() }
        return heap.messages
    }

    private static func giveBack(_ messages: [UInt]) {
        for message in messages { natsMsg_Destroy(OpaquePointer(bitPattern: message)) }
    }
}
