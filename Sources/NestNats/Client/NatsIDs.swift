import Synchronization

/// Names that nobody else gives: a random beginning, and a number. Making one asks the system for nothing.
final class NatsIDs: Sendable {
    private let prefix = Array(UniqueName.new().utf8)
    private let last = Atomic<UInt64>(0)

    func next() -> String {
        var number = last.wrappingAdd(1, ordering: .relaxed).newValue
        return String(unsafeUninitializedCapacity: prefix.count + 20) { bytes in
            var end = bytes.initialize(fromContentsOf: prefix)
            // The digits in any order make a name as well.
            repeat {
                bytes.initializeElement(at: end, to: UInt8(ascii: "0") + UInt8(number % 10))
                number /= 10
                end += 1
            } while number > 0
            return end
        }
    }
}
