import NIOCore

/// The headers of an entry, and whether the framework has to look at them.
struct RedisHeaders {
    var all: MessageHeaders { builder.headers }
    private var builder = MessageHeadersBuilder()
    /// One of them may be for the framework: a time left, a key. The id of a message is for handlers only.
    private(set) var concernUs = false

    /// Adds the field with this name and this value.
    @inline(__always)
    mutating func append(_ name: ByteRange, _ value: ByteRange, _ cursor: RedisCursor) {
        if cursor.withBytes(name, Self.isMessageID) {
            builder.set(HeaderName.messageID, cursor.string(value))
        } else {
            let name = cursor.string(name)
            if name.utf8.first.map({ $0 | 0x20 }) == UInt8(ascii: "n") { concernUs = true }
            builder.set(name, cursor.string(value))
        }
    }

    private static let messageID = Array(HeaderName.messageID.utf8)

    private static func isMessageID(_ name: UnsafeRawBufferPointer) -> Bool {
        name.count == messageID.count && name.elementsEqual(messageID)
    }
}
