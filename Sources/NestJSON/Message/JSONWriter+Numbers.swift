extension JSONWriter {
    @inline(__always)
    mutating func integer<Number: FixedWidthInteger>(_ number: Number) {
        reserve(44)
        separate()
        if Number.bitWidth <= 64 {
            if number < 0 { put(UInt8(ascii: "-")) }
            digits(UInt64(truncatingIfNeeded: number.magnitude))
        } else {
            ascii(number.description)
        }
        needsComma = true
    }

    private static let pairs: StaticString = """
        00010203040506070809101112131415161718192021222324\
        25262728293031323334353637383940414243444546474849\
        50515253545556575859606162636465666768697071727374\
        75767778798081828384858687888990919293949596979899
        """

    /// Two digits at a time from the right, 20 bytes ahead, then moved to their place. There must be room for 40 bytes.
    private mutating func digits(_ number: UInt64) {
        let end = base + count + 20
        var at = end
        var rest = number
        while rest >= 10 {
            let next = rest / 100
            let pair = Self.pairs.utf8Start + Int(truncatingIfNeeded: (rest &- next &* 100) &* 2)
            at -= 2
            (at[0], at[1]) = (pair[0], pair[1])
            rest = next
        }
        if rest > 0 || number == 0 {
            at -= 1
            at[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)
        }
        RawBytes.copy(at, to: base + count, end - at)
        advance(end - at)
    }

    mutating func floating<Number: BinaryFloatingPoint & LosslessStringConvertible & Encodable>(
        _ number: Number
    ) throws {
        reserve(64)
        separate()
        guard number.isFinite else { return try nonFinite(number) }
        let bound = Number(sign: .plus, exponent: Number.Exponent(Number.significandBitCount + 1), significand: 1)
        if abs(number) <= bound, number == number.rounded(.towardZero), number != 0 || number.sign == .plus {
            if number < 0 { put(UInt8(ascii: "-")) }
            digits(UInt64(abs(number)))
        } else if Number.self == Double.self, hundredths(unsafeBitCast(number, to: Double.self)) {
            // Written.
        } else {
            shortest(number.description)
        }
        needsComma = true
    }

    /// Writes amounts of money and the like, which are most of the fractions there are, without asking for the shortest
    /// text: decimals of up to 15 digits are all different numbers, so one that is this number is the only one. False
    /// when it is none with two places.
    private mutating func hundredths(_ number: Double) -> Bool {
        let scaled = (abs(number) * 100).rounded()
        guard scaled >= 1, scaled < 1e15, scaled / 100 == abs(number) else { return false }
        let (whole, fraction) = UInt64(scaled).quotientAndRemainder(dividingBy: 100)
        if number < 0 { put(UInt8(ascii: "-")) }
        digits(whole)
        put(UInt8(ascii: "."))
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / 10))
        if fraction % 10 != 0 { put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction % 10)) }
        return true
    }

    /// Swift's description without a fraction that is zero.
    private mutating func shortest(_ text: String) {
        ascii(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    private mutating func nonFinite<Number: BinaryFloatingPoint & Encodable>(_ number: Number) throws {
        guard let text = codec.nonFiniteFloats.text(number) else {
            let name = number.isNaN ? "nan" : number > 0 ? "infinity" : "-infinity"
            throw invalid(number, "Unable to encode \(Number.self).\(name) directly in JSON.")
        }
        quote(text)
        needsComma = true
    }

    /// Text that needs no escapes.
    mutating func ascii(_ text: borrowing String) {
        var text = copy text
        text.withUTF8 {
            reserve($0.count &+ 1)
            if let start = $0.baseAddress { put(start, $0.count) }
        }
    }
}
