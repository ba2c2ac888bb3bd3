/// What the fields of a scanned response amount to.
struct ResponseShape {
    var id: UInt64?
    var correlationID: String?
    var ok = false
    var more = false
    var message = "microservice error"
    var code = ""
    var details = 0..<0
    var hasDetails = false

    /// Reads the fields; the text says what is wrong, nil that nothing is.
    @inline(__always)
    mutating func read(_ bytes: UnsafeRawBufferPointer, _ fields: EnvelopeFields) -> String? {
        if fields.has(.id) { id = Self.id(bytes, fields.id) }
        if fields.has(.correlationID) { correlationID = JSONText.string(bytes, fields.correlationID) }
        guard fields.has(.ok) else { return "ok is missing" }
        switch bytes[fields.ok.lowerBound] {
        case UInt8(ascii: "t"): ok = true
        case UInt8(ascii: "f"): ok = false
        default: return "ok is no boolean"
        }
        if fields.has(.more) { more = bytes[fields.more.lowerBound] == UInt8(ascii: "t") }
        return ok ? nil : readError(bytes, fields)
    }

    /// Ours are digits in quotes; anything else is the id of no call of ours.
    @inline(__always)
    private static func id(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        let quote = UInt8(ascii: "\"")
        let (first, last) = (range.lowerBound, range.upperBound - 1)
        guard range.count > 2, bytes[first] == quote, bytes[last] == quote else { return nil }
        return JSONText.digits(bytes, first + 1..<last)
    }

    /// `ok: false` without an error object still is an error; its parts are taken as far as they are there.
    private mutating func readError(_ bytes: UnsafeRawBufferPointer, _ fields: EnvelopeFields) -> String? {
        guard fields.has(.error), bytes[fields.error.lowerBound] == UInt8(ascii: "{") else { return nil }
        var parts = EnvelopeFields()
        do throws(EnvelopeScanner.Failure) {
            try EnvelopeScanner.scan(UnsafeRawBufferPointer(rebasing: bytes[fields.error]), into: &parts)
        } catch {
            return error.reason
        }
        let base = fields.error.lowerBound
        func absolute(_ range: Range<Int>) -> Range<Int> { range.lowerBound + base..<range.upperBound + base }
        if parts.has(.message), let text = JSONText.string(bytes, absolute(parts.message)) { message = text }
        if parts.has(.code), let text = JSONText.string(bytes, absolute(parts.code)) { code = text }
        if parts.has(.details), !JSONText.isNull(bytes, absolute(parts.details)) {
            details = absolute(parts.details)
            hasDetails = true
        }
        return nil
    }
}
