/// A number taken apart: the digits that matter and a power of ten. Two texts of the same value give equal parts.
struct Digits: Hashable {
    private(set) var isNegative: Bool
    /// Without leading and trailing zeros; empty for zero.
    private(set) var digits: [UInt8] = []
    /// What the digits, read as a whole number, are multiplied with.
    private(set) var exponent = 0

    var isZero: Bool { digits.isEmpty }

    init(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) {
        var at = range.lowerBound
        isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var fraction: Int?
        while at < range.upperBound, bytes[at] | 0x20 != UInt8(ascii: "e") {
            if bytes[at] == UInt8(ascii: ".") {
                fraction = 0
            } else {
                digits.append(bytes[at] &- UInt8(ascii: "0"))
                if let length = fraction { fraction = length + 1 }
            }
            at += 1
        }
        if at < range.upperBound { exponent = NumberText.exponent(bytes, at + 1..<range.upperBound) }
        exponent -= fraction ?? 0
        normalize()
    }

    private mutating func normalize() {
        let trailing = digits.reversed().prefix { $0 == 0 }.count
        digits.removeLast(trailing)
        exponent += trailing
        digits.removeFirst(digits.prefix { $0 == 0 }.count)
        guard digits.isEmpty else { return }
        exponent = 0
        isNegative = false
    }

    /// The number without its sign if it is whole and not beyond 128 bits.
    var magnitude: UInt128? {
        guard exponent >= 0, digits.count + exponent <= 39 else { return nil }
        var value: UInt128 = 0
        for digit in digits + Array(repeating: 0, count: exponent) {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(UInt128(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
