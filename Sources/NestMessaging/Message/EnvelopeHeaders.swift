import NIOCore

/// The envelope's header object: scanned for what the framework needs at once, parsed whole only when asked for.
enum EnvelopeHeaders {
    /// What the framework reads in the headers of every request.
    struct Hints {
        var timeoutMilliseconds: UInt64?
        var streamCredit: UInt64?
        var attempt: UInt64?
    }

    /// Reads the hints and checks that there are not too many headers and every value is a string. The text says what
    /// is wrong, nil that nothing is.
    static func scan(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, into hints: inout Hints) -> String? {
        guard bytes[range.lowerBound] == UInt8(ascii: "{") else { return notStrings }
        guard range.count <= EnvelopeLimits.headerBytes else { return "headers are too large" }
        var count = 0
        let areStrings = forEachMember(bytes, range) { name, value in
            count += 1
            guard count <= EnvelopeLimits.headers, bytes[value.lowerBound] == UInt8(ascii: "\"") else { return false }
            note(bytes, name, value.lowerBound + 1..<value.upperBound - 1, in: &hints)
            return true
        }
        if count > EnvelopeLimits.headers { return "too many headers" }
        return areStrings ? nil : notStrings
    }

    private static let notStrings = "headers are no object of strings"

    /// All headers of a checked header object.
    static func parse(_ object: ByteBuffer) -> MessageHeaders {
        var headers = MessageHeadersBuilder()
        object.withUnsafeReadableBytes { bytes in
            _ = forEachMember(bytes, 0..<bytes.count) { name, value in
                let name = JSONText.unescape(UnsafeRawBufferPointer(rebasing: bytes[name]))
                if let name, let value = JSONText.string(bytes, value) { headers.set(name, value) }
                return true
            }
        }
        return headers.headers
    }

    /// Walks the members of an object that is known to be well formed. `name` is without quotes, `value` raw.
    @inline(__always)
    private static func forEachMember(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (Range<Int>, Range<Int>) -> Bool
    ) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound])
        var at = JSONScanner.skipWhitespace(bytes, at: range.lowerBound + 1)
        while at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
            guard let nameEnd = try? JSONScanner.skipValue(bytes, at: at) else { return false }
            let colon = JSONScanner.skipWhitespace(bytes, at: nameEnd)
            let start = JSONScanner.skipWhitespace(bytes, at: colon + 1)
            guard let end = try? JSONScanner.skipValue(bytes, at: start) else { return false }
            guard body(at + 1..<nameEnd - 1, start..<end) else { return false }
            at = JSONScanner.skipWhitespace(bytes, at: end)
            guard at < bytes.count, bytes[at] == UInt8(ascii: ",") else { return true }
            at = JSONScanner.skipWhitespace(bytes, at: at + 1)
        }
        return true
    }

    @inline(__always)
    private static func note(
        _ bytes: UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>, in hints: inout Hints
    ) {
        switch name.count {
        case HeaderName.timeout.utf8.count where equals(bytes, name, "nest-timeout-ms"):
            hints.timeoutMilliseconds = JSONText.digits(bytes, value)
        case HeaderName.stream.utf8.count where equals(bytes, name, "nest-stream"):
            hints.streamCredit = JSONText.digits(bytes, value)
        case HeaderName.attempt.utf8.count where equals(bytes, name, "nest-attempt"):
            hints.attempt = JSONText.digits(bytes, value)
        default: break
        }
    }

    /// Without regard to case, as ``MessageHeaders`` compares names. `literal` is in lower case.
    @inline(__always)
    private static func equals(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ literal: StaticString) -> Bool {
        UnsafeRawBufferPointer(rebasing: bytes[range]).elementsEqual(
            UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        ) { MessageHeaders.lowercase($0) == $1 }
    }
}
