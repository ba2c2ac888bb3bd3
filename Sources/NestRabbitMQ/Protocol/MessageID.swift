/// Names that nobody else has.
enum MessageID {
    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func new() -> String {
        var (high, low) = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))
        return String(unsafeUninitializedCapacity: 22) { bytes in
            for place in 0..<22 {
                bytes[place] = letters[Int(place < 11 ? high % 62 : low % 62)]
                if place < 11 { high /= 62 } else { low /= 62 }
            }
            return 22
        }
    }
}
