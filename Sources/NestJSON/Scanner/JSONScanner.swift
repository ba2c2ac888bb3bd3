/// Walks over JSON values without decoding them, and checks every byte of them against RFC 8259 on the way.
@usableFromInline
package enum JSONScanner {
    /// Containers may be nested this deep, the outermost counted.
    package static let nestingLimit = 128

    typealias Bytes = UnsafePointer<UInt8>

    /// The offset of the first byte at or behind `offset` that is no white space; the count if there is none.
    @inlinable
    @inline(__always)
    package static func skipWhitespace(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int {
        var at = offset
        while at < bytes.count, isWhitespace(bytes[at]) { at &+= 1 }
        return at
    }

    @inlinable
    @inline(__always)
    package static func isWhitespace(_ byte: UInt8) -> Bool {
        byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09)
    }

    /// Checks the value that starts at `offset` and returns the offset just behind it. What follows is not looked at.
    package static func skipValue(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) -> Int {
        guard let base = bytes.baseAddress, offset < bytes.count else { throw Failure(.unexpectedEnd, offset) }
        return try value(base.assumingMemoryBound(to: UInt8.self), bytes.count, offset, room: nestingLimit)
    }

    /// Checks that `bytes` are exactly one value, white space around it allowed.
    package static func validate(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        let end = try skipValue(bytes, at: skipWhitespace(bytes, at: 0))
        let rest = skipWhitespace(bytes, at: end)
        guard rest == bytes.count else { throw Failure(.trailingBytes, rest) }
    }

    @inline(__always)
    static func blank(_ bytes: Bytes, _ count: Int, _ offset: Int) -> Int {
        var at = offset
        while at < count, isWhitespace(bytes[at]) { at &+= 1 }
        return at
    }

    /// `room`: how many more containers may be opened.
    @inline(__always)
    static func value(_ bytes: Bytes, _ count: Int, _ at: Int, room: Int) throws(Failure) -> Int {
        guard at < count else { throw Failure(.unexpectedEnd, at) }
        switch bytes[at] {
        case UInt8(ascii: "\""):
            var escaped = false
            return try string(bytes, count, at &+ 1, escaped: &escaped)
        case UInt8(ascii: "{"): return try object(bytes, count, at, room: room)
        case UInt8(ascii: "["): return try array(bytes, count, at, room: room)
        default: return try scalar(bytes, count, at)
        }
    }

    /// A number or one of the three names.
    @inline(__always)
    static func scalar(_ bytes: Bytes, _ count: Int, _ at: Int) throws(Failure) -> Int {
        switch bytes[at] {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            var whole = true
            return try number(bytes, count, at, whole: &whole)
        case UInt8(ascii: "t"): return try literal("true", bytes, count, at)
        case UInt8(ascii: "f"): return try literal("false", bytes, count, at)
        case UInt8(ascii: "n"): return try literal("null", bytes, count, at)
        default: throw Failure(.unexpectedByte, at)
        }
    }

    @inline(__always)
    static func literal(_ text: StaticString, _ bytes: Bytes, _ count: Int, _ at: Int) throws(Failure) -> Int {
        let length = text.utf8CodeUnitCount
        guard at &+ length <= count else { throw Failure(.unexpectedEnd, count) }
        for index in 1..<length where bytes[at &+ index] != text.utf8Start[index] {
            throw Failure(.unexpectedByte, at &+ index)
        }
        return at &+ length
    }

    private static func object(_ bytes: Bytes, _ count: Int, _ start: Int, room: Int) throws(Failure) -> Int {
        guard room > 0 else { throw Failure(.tooDeep, start) }
        var at = blank(bytes, count, start &+ 1)
        if at < count, bytes[at] == UInt8(ascii: "}") { return at &+ 1 }
        while true {
            at = try name(bytes, count, at)
            at = blank(bytes, count, try value(bytes, count, at, room: room &- 1))
            guard at < count else { throw Failure(.unexpectedEnd, at) }
            if bytes[at] == UInt8(ascii: "}") { return at &+ 1 }
            guard bytes[at] == UInt8(ascii: ",") else { throw Failure(.unexpectedByte, at) }
            at = blank(bytes, count, at &+ 1)
        }
    }

    /// A member's name and the colon; returns where the value starts.
    @inline(__always)
    private static func name(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> Int {
        guard start < count else { throw Failure(.unexpectedEnd, start) }
        guard bytes[start] == UInt8(ascii: "\"") else { throw Failure(.unexpectedByte, start) }
        var escaped = false
        return try colon(bytes, count, try string(bytes, count, start &+ 1, escaped: &escaped))
    }

    /// Skips the colon and the white space around it.
    @inline(__always)
    static func colon(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> Int {
        let at = blank(bytes, count, start)
        guard at < count else { throw Failure(.unexpectedEnd, at) }
        guard bytes[at] == UInt8(ascii: ":") else { throw Failure(.unexpectedByte, at) }
        return blank(bytes, count, at &+ 1)
    }

    private static func array(_ bytes: Bytes, _ count: Int, _ start: Int, room: Int) throws(Failure) -> Int {
        guard room > 0 else { throw Failure(.tooDeep, start) }
        var at = blank(bytes, count, start &+ 1)
        if at < count, bytes[at] == UInt8(ascii: "]") { return at &+ 1 }
        while true {
            at = blank(bytes, count, try value(bytes, count, at, room: room &- 1))
            guard at < count else { throw Failure(.unexpectedEnd, at) }
            if bytes[at] == UInt8(ascii: "]") { return at &+ 1 }
            guard bytes[at] == UInt8(ascii: ",") else { throw Failure(.unexpectedByte, at) }
            at = blank(bytes, count, at &+ 1)
        }
    }
}
