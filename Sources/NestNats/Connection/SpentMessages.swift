import CNats

/// Messages that are done with. The library frees them on a thread of its own, which it wakes for each: they are given
/// back many at once.
struct SpentMessages: ~Copyable {
    private var messages: [OpaquePointer] = []
    private var size = 0
    private static let most = 128
    private static let mostBytes = 256 << 10

    deinit { for message in messages { natsMsg_Destroy(message) } }

    @inline(__always)
    mutating func put(_ message: OpaquePointer) {
        size += Int(natsMsg_GetDataLength(message))
        messages.append(message)
        if messages.count >= Self.most || size >= Self.mostBytes { giveBack() }
    }

    private mutating func giveBack() {
        for message in messages { natsMsg_Destroy(message) }
        messages.removeAll(keepingCapacity: true)
        size = 0
    }
}
