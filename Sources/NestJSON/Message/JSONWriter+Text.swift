extension JSONWriter {
    private static let hex: StaticString = "0123456789abcdef"

    /// A string with its quotes. There must be room for a byte before it.
    @inline(__always)
    mutating func quote(_ text: borrowing String) {
        if text.utf8.withContiguousStorageIfAvailable({ quote($0) }) == nil { quoteBridged(text) }
    }

    @inline(never)
    private mutating func quoteBridged(_ text: borrowing String) {
        var text = copy text
        text.withUTF8 { quote($0) }
    }

    mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
        reserve(text.count &+ 3)
        put(UInt8(ascii: "\""))
        if let start = text.baseAddress { content(start, text.count) }
        reserve(2)
        put(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func content(_ text: UnsafePointer<UInt8>, _ length: Int) {
        let plain = Self.plain(text, length, from: 0)
        put(text, plain)
        if plain < length { escaped(text, length, from: plain) }
    }

    @inline(never)
    private mutating func escaped(_ text: UnsafePointer<UInt8>, _ length: Int, from start: Int) {
        var at = start
        while at < length {
            reserve(length &- at &+ 8)
            escape(text[at])
            let end = Self.plain(text, length, from: at &+ 1)
            put(text + at + 1, end &- at &- 1)
            at = end
        }
    }

    private mutating func escape(_ byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0a: put(UInt8(ascii: "n"))
        case 0x0c: put(UInt8(ascii: "f"))
        case 0x0d: put(UInt8(ascii: "r"))
        default:
            put("u00")
            put(Self.hex.utf8Start[Int(byte >> 4)])
            put(Self.hex.utf8Start[Int(byte & 15)])
        }
    }

    /// Where the first byte that needs an escape stands, at or behind `start`.
    @inline(__always)
    private static func plain(_ text: UnsafePointer<UInt8>, _ length: Int, from start: Int) -> Int {
        var at = start
        while at &+ 8 <= length {
            let word = JSONScanner.word(text, at)
            if JSONScanner.special(word & 0x7f7f_7f7f_7f7f_7f7f | (word & 0x8080_8080_8080_8080) >> 1) != 0 { break }
            at &+= 8
        }
        while at < length, text[at] >= 0x20, text[at] != UInt8(ascii: "\""), text[at] != UInt8(ascii: "\\") { at &+= 1 }
        return at
    }

    /// A member's name, which needs no escapes, and the colon.
    @inline(__always)
    mutating func name(_ name: StaticString) {
        reserve(name.utf8CodeUnitCount &+ 4)
        separate()
        put(UInt8(ascii: "\""))
        put(name)
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
    }

    /// A member's name and the colon.
    @inline(__always)
    mutating func name(_ name: borrowing String) {
        reserve(1)
        separate()
        quote(name)
        put(UInt8(ascii: ":"))
    }
}
