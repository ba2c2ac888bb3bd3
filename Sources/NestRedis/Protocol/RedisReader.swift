import CHiredis
import NIOCore

/// hiredis's parser: bytes in, replies out. What it finds is laid in a row that the replies of a burst share, and their
/// texts stand in a copy of what was read. Both are used again once nobody has them any more.
///
/// Belongs to one event loop. The sink and the reader are freed with it, in this order: the reader last knows the sink.
final class RedisReader {
    /// The hiredis this was built with: `0.14.1`.
    static let version = "\(HIREDIS_MAJOR).\(HIREDIS_MINOR).\(HIREDIS_PATCH)"

    /// hiredis moves what it has not parsed to the front after every kilobyte: little at a time costs less.
    private static let chunk = 8 << 10
    /// Larger ones are not kept for the next read.
    private static let kept = 256 << 10
    /// What one burst may take: places are told in 32 bits.
    private static let largestBurst = 2 << 30

    private let reader: UnsafeMutablePointer<redisReader>
    private let sink: UnsafeMutablePointer<nest_redis_sink>
    private let limit: Int

    @exclusivity(unchecked) private var row = RedisRow()
    @exclusivity(unchecked) private var bytes = ByteBuffer()
    @exclusivity(unchecked) private var ends: [Int] = []
    /// Row and bytes hold the beginning of a reply.
    @exclusivity(unchecked) private(set) var isWithin = false

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
    }

    deinit {
        redisReaderFree(reader)
        sink.deallocate()
    }

    /// Takes bytes and returns the replies that are whole now. Throws when the bytes are no RESP, or a text is too large;
    /// nothing can be read after that.
    func feed(_ read: ByteBuffer) throws(TransportError) -> RedisBurst {
        begin(with: read.readableBytes)
        guard bytes.readableBytes + read.readableBytes <= Self.largestBurst else { throw tooLarge(Self.largestBurst) }
        sink.pointee.end = bytes.writerIndex
        bytes.writeImmutableBuffer(read)
        let problem = read.withUnsafeReadableBytes { parse($0) }
        row.take(sink)
        if let problem { throw problem }
        guard let last = ends.last else {
            isWithin = true
            return RedisBurst(row: row, bytes: bytes, ends: [])
        }
        let burst = RedisBurst(row: row, bytes: bytes, ends: ends)
        guard carryOver(from: last) else { throw Self.noMemory }
        return burst
    }

    private func begin(with size: Int) {
        ends.removeAll(keepingCapacity: true)
        guard !isWithin else { return }
        if !isKnownUniquelyReferenced(&row) { row = RedisRow() }
        row.begin(sink)
        if bytes.storageCapacity > Self.kept { bytes = ByteBuffer() }
        bytes.clear(minimumCapacity: size)
    }

    private func parse(_ read: UnsafeRawBufferPointer) -> TransportError? {
        var start = 0
        while start < read.count {
            let size = min(Self.chunk, read.count - start)
            let chunk = UnsafeRawBufferPointer(rebasing: read[start..<start + size])
            if let problem = parse(chunk: chunk) { return problem }
            start += size
        }
        return nil
    }

    private func parse(chunk: UnsafeRawBufferPointer) -> TransportError? {
        sink.pointee.end += chunk.count
        guard redisReaderFeed(reader, chunk.bindMemory(to: CChar.self).baseAddress, chunk.count) == REDIS_OK else {
            return Self.noMemory
        }
        while true {
            switch nest_redis_next(reader) {
            case 1: ends.append(sink.pointee.count)
            case 0: return nest_redis_unread(reader) <= limit ? nil : tooLarge(limit)
            default:
                let reason = String(cString: nest_redis_error(reader))
                return TransportError(.disconnected, "what Redis sends is not understood: \(reason)")
            }
        }
    }

    /// What is not whole goes over to a row and bytes of its own.
    private func carryOver(from end: Int) -> Bool {
        let (whole, count) = (row, sink.pointee.count - end)
        let unread = nest_redis_unread(reader)
        isWithin = count > 0 || unread > 0
        guard isWithin else { return true }
        let base = firstText(in: whole, end..<end + count) ?? bytes.writerIndex - unread
        row = RedisRow()
        row.begin(sink)
        defer { row.take(sink) }
        let rest = bytes.getSlice(at: base, length: bytes.writerIndex - base)
        bytes = rest.map { ByteBuffer(copying: $0) } ?? ByteBuffer()
        return whole.carry(count, from: end, into: sink, movedBy: base)
    }

    /// Where the first text of some parts begins.
    private func firstText(in row: RedisRow, _ parts: Range<Int>) -> Int? {
        for index in parts {
            let part = row[index]
            if part.kind == .text || part.kind == .error { return part.range.start }
        }
        return nil
    }

    private func tooLarge(_ limit: Int) -> TransportError {
        TransportError(.tooLarge, "Redis sends something larger than \(limit) bytes")
    }

    private static var noMemory: TransportError { TransportError(.overloaded, "no memory for what Redis sends") }
}

extension ByteBuffer {
    /// The same bytes in memory of their own.
    fileprivate init(copying other: ByteBuffer) {
        self.init()
        reserveCapacity(other.readableBytes)
        writeImmutableBuffer(other)
    }
}
