import NIOCore

/// What a stream's reader says again and again, written once.
struct RedisStreamWords: Sendable {
    /// `XREADGROUP` as far as the number of entries, and behind it.
    private let read: ByteBuffer
    private let readEnd: ByteBuffer
    /// `XACK` and `XDEL` without the number of their arguments, up to the ids.
    private let acknowledge: ByteBuffer
    private let delete: ByteBuffer

    init(key: String, group: String, consumer: String, blockMilliseconds: Int64) {
        var bytes = ByteBuffer()
        bytes.beginCommand(11)
        for word in ["XREADGROUP", "GROUP", group, consumer, "COUNT"] { bytes.writeArgument(word) }
        read = bytes
        readEnd = Self.words("BLOCK", String(blockMilliseconds), "STREAMS", key, ">")
        acknowledge = Self.words("XACK", key, group)
        delete = Self.words("XDEL", key)
    }

    private static func words(_ words: String...) -> ByteBuffer {
        var bytes = ByteBuffer()
        for word in words { bytes.writeArgument(word) }
        return bytes
    }

    /// Asks for so many entries that are new to the group, and waits for the first of them.
    func read(_ count: Int, to bytes: inout ByteBuffer) {
        bytes.writeImmutableBuffer(read)
        bytes.writeArgument(Int64(count))
        bytes.writeImmutableBuffer(readEnd)
    }

    /// Acknowledges entries; where nobody else reads them they are deleted as well, with a command of its own.
    func acknowledge(_ ids: [RedisDelivery.ID], deletes: Bool, to bytes: inout ByteBuffer) {
        bytes.beginCommand(3 + ids.count)
        bytes.writeImmutableBuffer(acknowledge)
        let start = bytes.writerIndex
        for id in ids { bytes.writeArgument(id) }
        guard deletes, let same = bytes.getSlice(at: start, length: bytes.writerIndex - start) else { return }
        bytes.beginCommand(2 + ids.count)
        bytes.writeImmutableBuffer(delete)
        bytes.writeImmutableBuffer(same)
    }
}
