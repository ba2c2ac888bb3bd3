/// The text of strings that the scanner has found to be well-formed.
enum JSONText {
    typealias Bytes = UnsafePointer<UInt8>

    /// `range` lies between the quotes.
    @inline(__always)
    static func string(_ bytes: Bytes, _ range: Range<Int>, escaped: Bool) -> String {
        guard !escaped else { return unescape(bytes, range) }
        let text = UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.upperBound &- range.lowerBound)
        return String(decoding: text, as: UTF8.self)
    }

    @inline(never)
    private static func unescape(_ bytes: Bytes, _ range: Range<Int>) -> String {
        String(unsafeUninitializedCapacity: range.count) { unescape(bytes, range, into: $0) }
    }

    /// Resolves escapes; what comes out is never longer than what went in. Returns the number of bytes written.
    static func unescape(_ bytes: Bytes, _ range: Range<Int>, into out: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var at = range.lowerBound
        var written = 0
        while at < range.upperBound {
            guard bytes[at] == UInt8(ascii: "\\") else {
                out[written] = bytes[at]
                at += 1
                written += 1
                continue
            }
            let (scalar, length) = escape(bytes, range.upperBound, at)
            for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                out[written] = unit
                written += 1
            }
            at += length
        }
        return written
    }

    private static func escape(_ bytes: Bytes, _ end: Int, _ at: Int) -> (Unicode.Scalar, length: Int) {
        switch bytes[at + 1] {
        case UInt8(ascii: "b"): ("\u{8}", 2)
        case UInt8(ascii: "f"): ("\u{c}", 2)
        case UInt8(ascii: "n"): ("\n", 2)
        case UInt8(ascii: "r"): ("\r", 2)
        case UInt8(ascii: "t"): ("\t", 2)
        case UInt8(ascii: "u"): unicodeEscape(bytes, end, at)
        default: (Unicode.Scalar(bytes[at + 1]), 2)
        }
    }

    private static func unicodeEscape(_ bytes: Bytes, _ end: Int, _ at: Int) -> (Unicode.Scalar, length: Int) {
        let high = (try? JSONScanner.codeUnit(bytes, end, at)) ?? 0xfffd
        guard high & 0xf800 == 0xd800 else { return (Unicode.Scalar(high) ?? "\u{fffd}", 6) }
        let low = (try? JSONScanner.codeUnit(bytes, end, at + 6)) ?? 0xdc00
        let scalar = 0x10000 + (high & 0x3ff) << 10 + low & 0x3ff
        return (Unicode.Scalar(scalar) ?? "\u{fffd}", 12)
    }
}
