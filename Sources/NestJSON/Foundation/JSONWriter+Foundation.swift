#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JSONWriter {
    /// Writes the types of Foundation whose JSON is not what their `Codable` says; false for all others.
    mutating func encodeFoundation<Value: Encodable>(_ value: Value) throws -> Bool {
        if Value.self == Date.self {
            return try encodeDate(unsafeBitCast(value, to: Date.self))
        } else if Value.self == Data.self, codec.data == .base64 {
            string(unsafeBitCast(value, to: Data.self).base64EncodedString())
        } else if Value.self == URL.self {
            string(unsafeBitCast(value, to: URL.self).absoluteString)
        } else if Value.self == Decimal.self {
            try encodeDecimal(unsafeBitCast(value, to: Decimal.self))
        } else {
            return false
        }
        return true
    }

    private mutating func encodeDate(_ date: Date) throws -> Bool {
        switch codec.dates {
        case .deferredToDate: return false
        case .iso8601: string(date.formatted(.iso8601))
        case .secondsSince1970: try floating(date.timeIntervalSince1970)
        case .millisecondsSince1970: try floating(date.timeIntervalSince1970 * 1000)
        }
        return true
    }

    private mutating func encodeDecimal(_ decimal: Decimal) throws {
        guard decimal.isFinite else { throw invalid(decimal, "Unable to encode Decimal.nan directly in JSON.") }
        reserve(1)
        separate()
        ascii(decimal.description)
        needsComma = true
    }

}
