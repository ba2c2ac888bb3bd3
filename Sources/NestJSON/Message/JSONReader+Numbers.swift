extension JSONReader {
    @inline(__always)
    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        at = JSONScanner.blank(bytes, count, at)
        if let (value, end) = NumberText.short(bytes, count, at), let number = Number(exactly: value) {
            at = end
            return number
        }
        return try longInteger(type)
    }

    @inline(never)
    private mutating func longInteger<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        let range = try number(type)
        guard let number = NumberText.integer(bytes, range, as: type) else { throw unrepresentable(type, range) }
        at = range.upperBound
        return number
    }

    @inline(__always)
    mutating func floating<Number: BinaryFloatingPoint>(
        _ type: Number.Type, _ parse: (UnsafePointer<UInt8>, Range<Int>) -> Number?
    ) throws -> Number {
        at = JSONScanner.blank(bytes, count, at)
        if at < count, bytes[at] == UInt8(ascii: "\""), codec.nonFiniteFloats != .refuse {
            return try nonFinite(type)
        }
        let range = try number(type)
        guard let number = parse(bytes, range) else { throw unrepresentable(type, range) }
        at = range.upperBound
        return number
    }

    private mutating func nonFinite<Number: BinaryFloatingPoint>(_ type: Number.Type) throws -> Number {
        let start = at
        let text = try value(String.self)
        guard let number = codec.nonFiniteFloats.number(text, as: type) else { throw mismatch(type, start) }
        return number
    }

    /// Where the number that must come next stands.
    @inline(__always)
    private func number(_ type: Any.Type) throws -> Range<Int> {
        guard at < count, bytes[at] == UInt8(ascii: "-") || bytes[at] &- UInt8(ascii: "0") < 10 else {
            throw mismatch(type, at)
        }
        return at..<(try checked(at))
    }

    @inline(never)
    private func unrepresentable(_ type: Any.Type, _ range: Range<Int>) -> DecodingError {
        .unrepresentable(bytes, range, as: type, path: path(range.lowerBound))
    }
}
