import Synchronization

/// Names that nobody else has: what this process draws once at random, and how many there were.
package enum UniqueName {
    private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let process = UInt64.random(in: 0 ... .max)
    private static let count = Atomic<UInt64>(0)

    package static func new() -> String {
        var (high, low) = (process, count.add(1, ordering: .relaxed).newValue)
        return String(unsafeUninitializedCapacity: 22) { bytes in
            for place in 0..<22 {
                bytes[place] = letters[Int(place < 11 ? high % 62 : low % 62)]
                if place < 11 { high /= 62 } else { low /= 62 }
            }
            return 22
        }
    }
}
