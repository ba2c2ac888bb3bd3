import Synchronization

/// Names that nobody else gives: a random beginning, and a number. Making one asks the system for nothing.
final class NatsIDs: Sendable {
    private let prefix = Array(UniqueName.new().utf8)
    private let last = Atomic<UInt64>(0)

    func next() -> NatsID { NatsID(last.wrappingAdd(1, ordering: .relaxed).newValue, of: self) }

    /// Lends the name of a number as C wants it.
    @inline(__always)
    func withName<Result>(_ number: UInt64, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: prefix.count + 21) { room in
            var end = room.initialize(fromContentsOf: prefix)
            var number = number
            // The digits in any order make a name as well.
            repeat {
                room.initializeElement(at: end, to: UInt8(ascii: "0") + UInt8(number % 10))
                number /= 10
                end += 1
            } while number > 0
            room.initializeElement(at: end, to: 0)
            return room.withMemoryRebound(to: CChar.self) { body($0.baseAddress.unsafelyUnwrapped) }
        }
    }
}
