import NIOCore

/// The replies that were whole after a read, one after another.
struct RedisBurst: Sequence {
    struct Iterator: IteratorProtocol {
        fileprivate let burst: RedisBurst
        fileprivate var index = 0
        fileprivate var start = 0

        @inline(__always)
        mutating func next() -> RedisReply? {
            guard index < burst.ends.count else { return nil }
            let end = burst.ends[index]
            defer { (index, start) = (index + 1, end) }
            return RedisReply(row: burst.row, bytes: burst.bytes, start: start, end: end)
        }
    }

    fileprivate let row: RedisRow
    fileprivate let bytes: ByteBuffer
    fileprivate let ends: [Int]

    init(row: RedisRow, bytes: ByteBuffer, ends: [Int]) {
        self.row = row
        self.bytes = bytes
        self.ends = ends
    }

    @inline(__always)
    func makeIterator() -> Iterator { Iterator(burst: self) }
}
