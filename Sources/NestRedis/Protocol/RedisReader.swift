import CHiredis
import NIOCore

/// hiredis's parser: bytes in, replies out. What it finds is laid in a row that the replies of a burst share.
///
/// Belongs to one event loop. The sink and the reader are freed with it, in this order: the reader last knows the sink.
final class RedisReader {
    /// The hiredis this was built with: `0.14.1`.
    static let version = "\(HIREDIS_MAJOR).\(HIREDIS_MINOR).\(HIREDIS_PATCH)"

    /// hiredis moves what it has not parsed to the front after every kilobyte: little at a time costs less.
    private static let chunk = 8 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let sink: UnsafeMutablePointer<nest_redis_sink>
    private let limit: Int

    @exclusivity(unchecked) private var parts: [RedisReply.Part] = []
    @exclusivity(unchecked) private var bytes = ByteBuffer()
    @exclusivity(unchecked) private var ends: [Int] = []

    /// A text larger than `limit` is a failure. Nil without memory.
    init?(limit: Int) {
        self.limit = limit
        sink = .allocate(capacity: 1)
        sink.initialize(to: nest_redis_sink())
        guard let reader = nest_redis_reader(sink) else {
            sink.deallocate()
            return nil
        }
        self.reader = reader
        sink.pointee.receiver = Unmanaged.passUnretained(self).toOpaque()
        sink.pointee.part = { receiver, type, bytes, length, number in
            guard let receiver else { return }
            Unmanaged<RedisReader>.fromOpaque(receiver).takeUnretainedValue().take(type, bytes, length, number)
        }
    }

    deinit {
        redisReaderFree(reader)
        sink.deallocate()
    }

    /// Takes bytes and returns the replies that are whole now. Throws when the bytes are no RESP, or a text is too large.
    func feed(_ read: ByteBuffer) throws(TransportError) -> [RedisReply] {
        ends.removeAll(keepingCapacity: true)
        let problem = read.withUnsafeReadableBytes { read -> TransportError? in
            var rest = read[...]
            while !rest.isEmpty {
                let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.chunk))
                rest = rest.dropFirst(Self.chunk)
                if let problem = feed(chunk) { return problem }
            }
            return nil
        }
        if let problem { throw problem }
        return takeReplies()
    }

    private func feed(_ chunk: UnsafeRawBufferPointer) -> TransportError? {
        guard redisReaderFeed(reader, chunk.bindMemory(to: CChar.self).baseAddress, chunk.count) == REDIS_OK else {
            return TransportError(.overloaded, "no memory for what Redis sends")
        }
        while true {
            switch nest_redis_next(reader) {
            case 1: ends.append(parts.count)
            case 0:
                guard nest_redis_unread(reader) <= limit else {
                    return TransportError(.tooLarge, "Redis sends something larger than \(limit) bytes")
                }
                return nil
            default:
                let reason = String(cString: nest_redis_error(reader))
                return TransportError(.disconnected, "what Redis sends is not understood: \(reason)")
            }
        }
    }

    private func take(_ type: Int32, _ text: UnsafePointer<CChar>?, _ length: Int, _ number: Int64) {
        let kind: RedisReply.Kind =
            switch type {
            case REDIS_REPLY_NIL: .null
            case REDIS_REPLY_INTEGER: .integer
            case REDIS_REPLY_ARRAY: .array
            case REDIS_REPLY_ERROR: .error
            default: text == nil ? .integer : .text
            }
        let start = bytes.writerIndex
        if length > 0 { bytes.writeBytes(UnsafeRawBufferPointer(start: text, count: length)) }
        parts.append(RedisReply.Part(kind: kind, number: number, range: ByteRange(start, bytes.writerIndex)))
    }

    /// Those that are whole share the row and its bytes; what is not goes over to a new row.
    private func takeReplies() -> [RedisReply] {
        guard let last = ends.last else { return [] }
        var start = 0
        let whole = ends.map { end -> RedisReply in
            defer { start = end }
            return RedisReply(parts: parts, bytes: bytes, start: start, end: end)
        }
        carryOver(from: last)
        return whole
    }

    private func carryOver(from end: Int) {
        let rest = parts[end...]
        var moved = ByteBuffer()
        let base = rest.first(where: { !$0.range.isEmpty })?.range.start ?? bytes.writerIndex
        if base < bytes.writerIndex, let tail = bytes.getSlice(at: base, length: bytes.writerIndex - base) {
            moved.writeImmutableBuffer(tail)
        } else {
            moved.reserveCapacity(min(bytes.writerIndex, 64 << 10))
        }
        let size = min(parts.count, 4_096)
        parts = rest.map { part in
            let range = part.range.isEmpty ? .none : ByteRange(part.range.start - base, part.range.end - base)
            return RedisReply.Part(kind: part.kind, number: part.number, range: range)
        }
        parts.reserveCapacity(size)
        bytes = moved
    }
}
