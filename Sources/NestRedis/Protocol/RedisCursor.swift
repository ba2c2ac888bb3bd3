import NIOCore

/// A way through a reply's parts, one after another.
struct RedisCursor {
    private let reply: RedisReply
    /// Where in the reply's row it stands.
    private(set) var index: Int

    @inline(__always)
    init(_ reply: RedisReply) { self.init(reply, at: reply.firstIndex) }

    @inline(__always)
    init(_ reply: RedisReply, at index: Int) {
        self.reply = reply
        self.index = index
    }

    /// Steps over the head of an array: how many elements follow. Nil, and stepped over, for anything else.
    @inline(__always)
    mutating func array() -> Int? {
        guard let part = reply.part(at: index) else { return nil }
        guard part.kind == .array else {
            index += 1
            return nil
        }
        index += 1
        return Int(part.number)
    }

    /// The place of a text, stepped over. Nil for anything else, with all that is inside it.
    @inline(__always)
    mutating func text() -> ByteRange? {
        guard let part = reply.part(at: index) else { return nil }
        guard part.kind == .text else {
            skip()
            return nil
        }
        index += 1
        return part.range
    }

    /// Steps over a value with all that is inside it.
    mutating func skip() { index = reply.index(after: index) }

    mutating func skip(_ count: Int) {
        for _ in 0..<max(0, count) { skip() }
    }

    func string(_ range: ByteRange) -> String {
        reply.bytes.getString(at: range.start, length: Int(range.length)) ?? ""
    }

    /// Lends the bytes of a text.
    @inline(__always)
    func withBytes<Result>(_ range: ByteRange, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        reply.bytes.withVeryUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range.start..<range.end])) }
    }
}
