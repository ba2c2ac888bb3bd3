import CHiredis
import NIOCore

/// One reply, not copied out of what was read: its parts stand in a row, an array followed by its elements.
struct RedisReply: Sendable {
    /// In the order in which C has them.
    enum Kind: UInt8, Sendable {
        case null
        case integer
        case text
        case error
        case array
    }

    /// A value without the elements that may follow it.
    struct Part: Sendable {
        let kind: Kind
        /// An integer's value, or how many elements an array has.
        let number: Int64
        /// A text's place in the bytes.
        let range: ByteRange

        static let null = Part(kind: .null, number: 0, range: .none)
    }

    private let row: RedisRow
    /// What the parts point into.
    let bytes: ByteBuffer
    private let start: Int
    private let end: Int

    @inline(__always)
    init(row: RedisRow, bytes: ByteBuffer, start: Int, end: Int) {
        self.row = row
        self.bytes = bytes
        self.start = start
        self.end = end
    }

    /// Its first part: all of it, unless it is an array.
    @inline(__always)
    var head: Part { row[start] }

    var isNull: Bool { head.kind == .null }

    /// The value of an integer.
    var integer: Int64? { head.kind == .integer ? head.number : nil }

    /// The text of a string or of an error.
    var text: String? { text(head) }

    /// What Redis complains about.
    var error: RedisError? { head.kind == .error ? RedisError(text ?? "") : nil }

    /// Walks over the parts.
    var cursor: RedisCursor { RedisCursor(self) }

    /// The elements of an array; none for anything else.
    var elements: [RedisReply] {
        guard head.kind == .array else { return [] }
        var (elements, next): ([RedisReply], Int) = ([], start + 1)
        for _ in 0..<head.number where next < end {
            let after = index(after: next)
            elements.append(RedisReply(row: row, bytes: bytes, start: next, end: after))
            next = after
        }
        return elements
    }

    /// The elements of an array as texts, numbers among them.
    var texts: [String] { elements.map { $0.text ?? $0.integer.map(String.init) ?? "" } }

    /// An array of names and values as a table.
    var fields: [String: RedisReply] {
        let elements = elements
        var fields: [String: RedisReply] = [:]
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            if let name = elements[index].text { fields[name] = elements[index + 1] }
        }
        return fields
    }

    func text(_ part: Part) -> String? {
        guard part.kind == .text || part.kind == .error else { return nil }
        return bytes.getString(at: part.range.start, length: Int(part.range.length))
    }

    @inline(__always)
    func part(at index: Int) -> Part? { index < end ? row[index] : nil }

    @inline(__always)
    var firstIndex: Int { start }

    /// Behind a part and all that is inside it.
    func index(after index: Int) -> Int {
        var (next, left) = (index, Int64(1))
        while left > 0, next < end {
            let part = row[next]
            left += part.kind == .array ? max(0, part.number) - 1 : -1
            next += 1
        }
        return next
    }
}
