import NIOCore
import NestMessaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Collects what a socket gives and finds the lines in it. No byte is looked at twice.
struct LineBuffer {
    /// What stands next.
    enum Next {
        /// A line without its end; indices into ``bytes``.
        case line(ByteRange)
        /// No whole line yet.
        case incomplete
        /// The line is longer than the limit.
        case tooLong
    }

    /// Everything that is held. Lines that were handed out stay readable in copies of it.
    private(set) var bytes = ByteBuffer()
    /// Where the next line begins.
    private var start = 0
    /// How far a newline has been looked for.
    private var searched = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Bytes of a line that has begun and not ended.
    var partialBytes: Int { bytes.writerIndex - start }

    /// Adds what was read. Lines handed out before keep their memory: it is never written to again.
    mutating func append(_ more: inout ByteBuffer) {
        guard partialBytes > 0 else {
            bytes = more
            start = bytes.readerIndex
            searched = start
            return
        }
        if start > bytes.readerIndex {
            var fresh = ByteBuffer()
            fresh.reserveCapacity(partialBytes + more.readableBytes)
            bytes.moveReaderIndex(to: start)
            fresh.writeImmutableBuffer(bytes)
            searched -= start
            start = 0
            bytes = fresh
        }
        bytes.writeBuffer(&more)
    }

    /// Takes the next line out.
    mutating func next() -> Next {
        guard let end = newline() else {
            searched = bytes.writerIndex
            return partialBytes > limit ? .tooLong : .incomplete
        }
        let begin = start
        start = end + 1
        searched = start
        if end - begin > limit { return .tooLong }
        return .line(ByteRange(begin, trimmed(begin, end)))
    }

    /// Takes out what is left when no more will come; nil when nothing is.
    mutating func rest() -> ByteRange? {
        guard partialBytes > 0 else { return nil }
        let range = ByteRange(start, trimmed(start, bytes.writerIndex))
        start = bytes.writerIndex
        return range
    }

    /// Lets go of memory that holds nothing any more.
    mutating func compact() {
        guard partialBytes == 0 else { return }
        bytes = ByteBuffer()
        start = 0
        searched = 0
    }

    /// Where the line that comes next would end if what has come were all of it.
    var partialRange: ByteRange { ByteRange(start, bytes.writerIndex) }

    /// Takes out what stands before `index`.
    mutating func skip(to index: Int) {
        start = index
        searched = max(searched, index)
    }

    private func newline() -> Int? {
        bytes.withVeryUnsafeBytes { storage in
            let count = bytes.writerIndex - searched
            guard count > 0, let base = storage.baseAddress else { return nil }
            guard let found = memchr(base + searched, 0x0A, count) else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private func trimmed(_ start: Int, _ end: Int) -> Int {
        end > start && bytes.getInteger(at: end - 1, as: UInt8.self) == 0x0D ? end - 1 : end
    }
}
