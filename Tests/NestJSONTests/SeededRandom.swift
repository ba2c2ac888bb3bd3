/// The same numbers for the same seed: SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func text() -> String {
        let samples = [
            "", "a", "plain", "quote\"", "back\\slash", "slash/", "line\nfeed\r\t", "\u{0}\u{1}\u{1f}\u{7f}",
            "\u{8}\u{c}",
            "Grüße", "日本語", "😀👨‍👩‍👧", "\u{2028}\u{2029}", "\u{feff}", "a long text without anything special in it",
            "e\u{301}", "12345678", "1234567\"", "exactly 16 bytes", "\u{10ffff}\u{fffd}\u{d7ff}\u{e000}",
        ]
        return (0..<Int.random(in: 0...3, using: &self)).map { _ in samples.randomElement(using: &self) ?? "" }.joined()
    }

    mutating func double() -> Double {
        switch Int.random(in: 0...6, using: &self) {
        case 0: Double(Int.random(in: -1000...1000, using: &self))
        case 1: Double(Int.random(in: -1_000_000...1_000_000, using: &self)) / 100
        case 2: Double.random(in: -1...1, using: &self)
        case 3:
            [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi, 0.1, 1e22, 1e23].randomElement(
                using: &self) ?? 0
        default: finite(Double(bitPattern: next()))
        }
    }

    mutating func float() -> Float {
        let number = Float(bitPattern: UInt32(truncatingIfNeeded: next()))
        return number.isFinite ? number : 0.1
    }

    private func finite(_ number: Double) -> Double { number.isFinite ? number : 1.5 }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type) -> Number {
        switch Int.random(in: 0...4, using: &self) {
        case 0: .min
        case 1: .max
        case 2: Number(truncatingIfNeeded: Int.random(in: 0...9, using: &self))
        default: .random(in: .min ... .max, using: &self)
        }
    }

    mutating func flip() -> Bool { Bool.random(using: &self) }

    mutating func list<Element>(_ limit: Int = 4, _ element: (inout Self) -> Element) -> [Element] {
        let count = Int.random(in: 0...limit, using: &self)
        return (0..<count).map { _ in element(&self) }
    }
}
