/// The values of numbers that the scanner has found to be well-formed.
enum NumberText {
    typealias Bytes = UnsafePointer<UInt8>

    /// A whole number of at most 18 digits that stands at `start`, and where it ends; nil for all others, good or bad.
    @inline(__always)
    static func short(_ bytes: Bytes, _ count: Int, _ start: Int) -> (value: Int, end: Int)? {
        guard start < count else { return nil }
        let isNegative = bytes[start] == UInt8(ascii: "-")
        let first = isNegative ? start &+ 1 : start
        let limit = min(count, first &+ 19)
        var at = first
        var value = 0
        while at < limit {
            let digit = bytes[at] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int(digit)
            at &+= 1
        }
        let digits = at &- first
        guard digits > 0, digits < 19, digits == 1 || bytes[first] != UInt8(ascii: "0") else { return nil }
        if at < count, bytes[at] == UInt8(ascii: ".") || bytes[at] | 0x20 == UInt8(ascii: "e") { return nil }
        return (isNegative ? -value : value, at)
    }

    /// The number if it is whole and fits, however it is written; nil otherwise.
    @inline(__always)
    static func integer<Number: FixedWidthInteger>(_ bytes: Bytes, _ range: Range<Int>, as: Number.Type) -> Number? {
        if let (value, end) = short(bytes, range.upperBound, range.lowerBound), end == range.upperBound {
            return Number(exactly: value)
        }
        let digits = Digits(bytes, range)
        guard let magnitude = digits.magnitude else { return nil }
        if !digits.isNegative { return Number(exactly: magnitude) }
        guard let number = Int128(exactly: magnitude) else {
            return magnitude == UInt128(1) << 127 ? Number(exactly: Int128.min) : nil
        }
        return Number(exactly: -number)
    }

    /// The nearest number; nil when it would be infinite, or zero though the text is not.
    static func double(_ bytes: Bytes, _ range: Range<Int>) -> Double? {
        let (mantissa, exponent) = decimal(bytes, range)
        if mantissa <= 1 << 53, -22...22 ~= exponent {
            let scaled =
                exponent < 0 ? Double(mantissa) / powers[-exponent] : Double(mantissa) * powers[exponent]
            return bytes[range.lowerBound] == UInt8(ascii: "-") ? -scaled : scaled
        }
        return exact(bytes, range, as: Double.self)
    }

    /// The nearest number; nil when it would be infinite, or zero though the text is not.
    static func float(_ bytes: Bytes, _ range: Range<Int>) -> Float? {
        let (mantissa, exponent) = decimal(bytes, range)
        if mantissa <= 1 << 24, -10...10 ~= exponent {
            let power = Float(powers[abs(exponent)])
            let scaled = exponent < 0 ? Float(mantissa) / power : Float(mantissa) * power
            return bytes[range.lowerBound] == UInt8(ascii: "-") ? -scaled : scaled
        }
        return exact(bytes, range, as: Float.self)
    }

    /// Powers of ten that a double holds exactly; a product or quotient of two exact numbers is rounded only once.
    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// Mantissa and power of ten; a mantissa of `UInt64.max` stands for one that is too long.
    @inline(__always)
    private static func decimal(_ bytes: Bytes, _ range: Range<Int>) -> (mantissa: UInt64, exponent: Int) {
        var at = range.lowerBound
        if bytes[at] == UInt8(ascii: "-") { at &+= 1 }
        guard range.upperBound &- at < 19 else { return (.max, 0) }
        var mantissa: UInt64 = 0
        var point = range.upperBound
        while at < range.upperBound {
            let digit = bytes[at] &- UInt8(ascii: "0")
            if digit < 10 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else if bytes[at] == UInt8(ascii: ".") {
                point = at &+ 1
            } else {
                break
            }
            at &+= 1
        }
        let fraction = max(0, at &- point)
        guard at < range.upperBound else { return (mantissa, -fraction) }
        return (mantissa, exponent(bytes, at &+ 1..<range.upperBound) - fraction)
    }

    /// The power of ten behind the `e`; beyond a million it makes no difference.
    static func exponent(_ bytes: Bytes, _ range: Range<Int>) -> Int {
        var value = 0
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            if digit < 10 { value = min(value * 10 + Int(digit), 1_000_000_000) }
        }
        return !range.isEmpty && bytes[range.lowerBound] == UInt8(ascii: "-") ? -value : value
    }

    private static func exact<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        _ bytes: Bytes, _ range: Range<Int>, as: Number.Type
    ) -> Number? {
        let text = String(
            decoding: UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count), as: UTF8.self)
        guard let number = Number(text), number.isFinite else { return nil }
        return number.isZero && !Digits(bytes, range).isZero ? nil : number
    }
}
