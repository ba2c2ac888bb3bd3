extension JSONScanner {
    /// A number from its sign or first digit on. `whole` becomes false when it has a fraction or an exponent.
    @inline(__always)
    static func number(_ bytes: Bytes, _ count: Int, _ start: Int, whole: inout Bool) throws(Failure) -> Int {
        var at = start
        if bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        let first = at
        at = digits(bytes, count, at)
        guard at > first else { throw Failure(at < count ? .malformedNumber : .unexpectedEnd, at) }
        if bytes[first] == UInt8(ascii: "0"), at > first &+ 1 { throw Failure(.malformedNumber, first) }
        guard at < count else { return at }
        let next = bytes[at]
        guard next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") else { return at }
        whole = false
        return try fraction(bytes, count, at)
    }

    private static func fraction(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> Int {
        var at = start
        if bytes[at] == UInt8(ascii: ".") { at = try someDigits(bytes, count, at &+ 1) }
        guard at < count, bytes[at] | 0x20 == UInt8(ascii: "e") else { return at }
        at &+= 1
        if at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        return try someDigits(bytes, count, at)
    }

    @inline(__always)
    private static func digits(_ bytes: Bytes, _ count: Int, _ start: Int) -> Int {
        var at = start
        while at < count, bytes[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
        return at
    }

    private static func someDigits(_ bytes: Bytes, _ count: Int, _ start: Int) throws(Failure) -> Int {
        let end = digits(bytes, count, start)
        guard end > start else { throw Failure(end < count ? .malformedNumber : .unexpectedEnd, end) }
        return end
    }
}
