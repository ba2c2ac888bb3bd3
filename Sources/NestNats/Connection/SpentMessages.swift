import CNats
import Synchronization

/// Messages that are done with. The library frees them on a thread of its own, which it wakes for each: they are given
/// back many at once.
final class SpentMessages: Sendable {
    /// `@unchecked Sendable`: nobody else has the message any more.
    private struct Message: @unchecked Sendable {
        let handle: OpaquePointer
    }

    private struct Heap: Sendable {
        var messages: [Message] = []
        var size = 0
    }

    private let heap = Mutex(Heap())
    private static let most = 1_024
    private static let mostBytes = 512 << 10

    deinit { Self.giveBack(heap.withLock { $0.messages }) }

    /// Takes a message over, from any thread.
    @inline(__always)
    func put(_ handle: OpaquePointer) {
        let message = Message(handle: handle)
        let size = Int(natsMsg_GetDataLength(handle))
        let full = heap.withLock { heap -> [Message]? in
            heap.size += size
            heap.messages.append(message)
            guard heap.messages.count >= Self.most || heap.size >= Self.mostBytes else { return nil }
            defer { heap = Heap() }
            return heap.messages
        }
        if let full { Self.giveBack(full) }
    }

    private static func giveBack(_ messages: [Message]) {
        for message in messages { natsMsg_Destroy(message.handle) }
    }
}
