/// The value of `grpc-timeout`: at most eight digits and a unit.
enum GRPCTimeout {
    /// A day: what a peer says beyond that is taken for it.
    static let longest: Int64 = 86_400_000
    private static let largest: Int64 = 99_999_999

    /// Milliseconds, rounded up so that what is left is never nothing; nil for what is no timeout.
    static func milliseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard (2...9).contains(text.count) else { return nil }
        var value: Int64 = 0
        for byte in text.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        guard let milliseconds = scaled(value, text[text.count - 1]) else { return nil }
        return min(milliseconds, longest)
    }

    private static func scaled(_ value: Int64, _ unit: UInt8) -> Int64? {
        switch unit {
        case UInt8(ascii: "H"): value * 3_600_000
        case UInt8(ascii: "M"): value * 60_000
        case UInt8(ascii: "S"): value * 1_000
        case UInt8(ascii: "m"): value
        case UInt8(ascii: "u"): (value + 999) / 1_000
        case UInt8(ascii: "n"): (value + 999_999) / 1_000_000
        default: nil
        }
    }

    /// The shortest way to say so many milliseconds, exact up to a day.
    static func text(milliseconds: Int64) -> String {
        milliseconds <= largest ? "\(max(0, milliseconds))m" : "\(min(milliseconds / 1_000, largest))S"
    }
}
