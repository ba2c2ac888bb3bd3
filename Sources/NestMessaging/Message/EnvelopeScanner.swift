#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds an envelope's fields in one pass. Every value is checked against RFC 8259 on the way, none is decoded.
enum EnvelopeScanner {
    /// Why bytes are no envelope. `fields` are those read before the fault, so that an id can still be answered.
    struct Failure: Error {
        var reason: String
    }

    /// Scans exactly one JSON object that fills `bytes`, white space around it allowed.
    static func scan(_ bytes: UnsafeRawBufferPointer, into fields: inout EnvelopeFields) throws(Failure) {
        var at = JSONScanner.skipWhitespace(bytes, at: 0)
        guard at < bytes.count, bytes[at] == UInt8(ascii: "{") else { throw Failure(reason: "not an object") }
        at = JSONScanner.skipWhitespace(bytes, at: at + 1)
        guard at < bytes.count else { throw Failure(reason: "ends early") }
        if bytes[at] == UInt8(ascii: "}") { return try expectEnd(bytes, at: at + 1) }
        try scanRest(bytes, behind: try member(bytes, at: at, into: &fields), into: &fields)
    }

    /// The same for an object whose payload's value starts at `start`, when what stands in front of it is known.
    @inline(__always)
    static func scan(
        _ bytes: UnsafeRawBufferPointer, payloadAt start: Int, into fields: inout EnvelopeFields
    ) throws(Failure) {
        let end = try value(bytes, at: start)
        _ = fields.set(.payload, start..<end)
        try scanRest(bytes, behind: end, into: &fields)
    }

    /// What follows a member: others, and the end.
    @inline(__always)
    private static func scanRest(
        _ bytes: UnsafeRawBufferPointer, behind end: Int, into fields: inout EnvelopeFields
    ) throws(Failure) {
        var at = end
        while true {
            at = JSONScanner.skipWhitespace(bytes, at: at)
            guard at < bytes.count else { throw Failure(reason: "ends early") }
            if bytes[at] == UInt8(ascii: "}") { return try expectEnd(bytes, at: at + 1) }
            guard bytes[at] == UInt8(ascii: ",") else { throw Failure(reason: "expected , or }") }
            at = try member(bytes, at: JSONScanner.skipWhitespace(bytes, at: at + 1), into: &fields)
        }
    }

    private static func expectEnd(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) {
        guard JSONScanner.skipWhitespace(bytes, at: offset) == bytes.count else {
            throw Failure(reason: "bytes after the object")
        }
    }

    /// Reads `"name": value` and returns the offset behind it.
    @inline(__always)
    private static func member(
        _ bytes: UnsafeRawBufferPointer, at start: Int, into fields: inout EnvelopeFields
    ) throws(Failure) -> Int {
        let nameEnd = try string(bytes, at: start)
        var at = JSONScanner.skipWhitespace(bytes, at: nameEnd)
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw Failure(reason: "expected :") }
        at = JSONScanner.skipWhitespace(bytes, at: at + 1)
        let end = try value(bytes, at: at)
        if let name = name(bytes, start + 1..<nameEnd - 1), !fields.set(name, at..<end) {
            throw Failure(reason: "a field stands twice")
        }
        return end
    }

    @inline(__always)
    private static func string(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) -> Int {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            throw Failure(reason: "expected a name")
        }
        return try value(bytes, at: offset)
    }

    @inline(__always)
    private static func value(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) -> Int {
        do {
            return try JSONScanner.skipValue(bytes, at: offset)
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    /// Which field a name is; nil for one we do not know. A name with escapes is resolved first, it means the same.
    @inline(__always)
    private static func name(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> EnvelopeFields.Name? {
        let name = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let known = plainName(name) else { return name.contains(UInt8(ascii: "\\")) ? escapedName(name) : nil }
        return known
    }

    private static func escapedName(_ name: UnsafeRawBufferPointer) -> EnvelopeFields.Name? {
        guard var plain = JSONText.unescape(name) else { return nil }
        return plain.withUTF8 { plainName(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private static func plainName(_ name: UnsafeRawBufferPointer) -> EnvelopeFields.Name? {
        switch name.count {
        case 2: `is`(name, "id") ? .id : `is`(name, "ok") ? .ok : nil
        case 4: `is`(name, "kind") ? .kind : `is`(name, "more") ? .more : `is`(name, "code") ? .code : nil
        case 5: `is`(name, "reply") ? .reply : `is`(name, "error") ? .error : `is`(name, "count") ? .count : nil
        case 7: sevenByteName(name)
        case 14: `is`(name, "correlation_id") ? .correlationID : nil
        default: nil
        }
    }

    @inline(__always)
    private static func sevenByteName(_ name: UnsafeRawBufferPointer) -> EnvelopeFields.Name? {
        switch name[0] {
        case UInt8(ascii: "p"): `is`(name, "pattern") ? .pattern : `is`(name, "payload") ? .payload : nil
        case UInt8(ascii: "h"): `is`(name, "headers") ? .headers : nil
        case UInt8(ascii: "m"): `is`(name, "message") ? .message : nil
        case UInt8(ascii: "d"): `is`(name, "details") ? .details : nil
        default: nil
        }
    }

    @inline(__always)
    private static func `is`(_ name: UnsafeRawBufferPointer, _ literal: StaticString) -> Bool {
        memcmp(name.baseAddress.unsafelyUnwrapped, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }
}
