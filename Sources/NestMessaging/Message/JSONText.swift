#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Strings inside JSON, for names and short texts of the envelope.
enum JSONText {
    /// The text between the quotes with escapes resolved; nil when the bytes are no well-formed string content.
    static func unescape(_ content: UnsafeRawBufferPointer) -> String? {
        guard content.contains(UInt8(ascii: "\\")) else {
            return String(validating: content, as: UTF8.self)
        }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        quoted.append(contentsOf: content)
        quoted.append(UInt8(ascii: "\""))
        return try? JSONCodec.default.decode(String.self, from: quoted)
    }

    /// The string whose quoted form stands at `range`; nil when it is no string.
    static func string(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String? {
        guard range.count >= 2, bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return unescape(UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound + 1..<range.upperBound - 1]))
    }

    @inline(__always)
    static func equals(_ bytes: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
        guard bytes.count == literal.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
        return memcmp(base, literal.utf8Start, bytes.count) == 0
    }

    static func isNull(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "n")
    }

    /// A non-negative decimal number without sign, fraction or exponent; nil for anything else or more than 18 digits.
    @inline(__always)
    static func digits(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty, range.count <= 18 else { return nil }
        var value: UInt64 = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }
}
