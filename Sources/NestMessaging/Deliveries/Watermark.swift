/// Up to where numbered things are done without a gap, while they end in any order: for brokers that are told one number
/// for all before it, as Kafka's offsets and RabbitMQ's `multiple`.
package struct Watermark: Sendable {
    private var begun = Fifo<UInt64>()
    private var done: Set<UInt64> = []
    /// Everything that began up to here is done; nil at first.
    package private(set) var mark: UInt64?

    package init() {}

    /// How many have begun and not been passed by the mark.
    package var count: Int { begun.count }

    /// True when nothing waits for an earlier one.
    package var isEmpty: Bool { begun.isEmpty }

    /// Begins a number that is larger than all before. There may be gaps: what never began is waited for by nobody.
    package mutating func begin(_ number: UInt64) { begun.append(number) }

    /// A number is done. Returns the mark when that has moved it.
    package mutating func finish(_ number: UInt64) -> UInt64? {
        guard begun.first == number else {
            done.insert(number)
            return nil
        }
        _ = begun.popFirst()
        var moved = number
        // Those that were done before it was.
        while !done.isEmpty, let first = begun.first, done.remove(first) != nil {
            _ = begun.popFirst()
            moved = first
        }
        mark = moved
        return moved
    }
}
