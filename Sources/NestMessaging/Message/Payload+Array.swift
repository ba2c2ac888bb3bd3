import NIOCore

extension Payload {
    /// The items as one JSON array.
    init(joining items: [Payload], size: Int) {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(size)
        buffer.writeStaticString("[")
        for (index, item) in items.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            buffer.writeImmutableBuffer(item.buffer)
        }
        buffer.writeStaticString("]")
        self.init(trusted: buffer)
    }
}
