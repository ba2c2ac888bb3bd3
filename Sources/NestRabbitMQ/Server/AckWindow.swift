/// Deliveries of a channel that are not acknowledged yet. They are numbered from 1; those that end in order are
/// acknowledged together.
struct AckWindow {
    private enum Mark {
        case open
        /// To be acknowledged.
        case done
        /// Acknowledged, or given back.
        case gone
    }

    private var marks: [Mark] = []
    private var head = 0
    /// The number of the delivery at the head.
    private var first: UInt64 = 1
    private var finished: [UInt64] = []

    /// Deliveries that were not settled.
    private(set) var openCount = 0

    /// A delivery has come; its number follows the last one.
    mutating func begin(_ number: UInt64) {
        let next = first + UInt64(marks.count - head)
        // Numbers that are skipped were never ours; as many as no broker skips are a mistake of its.
        guard number >= next, number - next <= 65_536 else { return }
        for _ in next..<number { marks.append(.gone) }
        marks.append(.open)
        openCount += 1
    }

    /// A delivery has ended, and is to be acknowledged with the next ``flush(_:)``.
    mutating func finish(_ number: UInt64) {
        guard set(number, .done) else { return }
        finished.append(number)
    }

    /// A delivery was given back. False when it is not open.
    mutating func giveBack(_ number: UInt64) -> Bool { set(number, .gone) }

    /// Calls back with what is to be acknowledged: numbers, and whether all before are meant too.
    mutating func flush(_ body: (_ number: UInt64, _ all: Bool) -> Void) {
        guard !finished.isEmpty else { return }
        let together = takePrefix()
        if let together { body(together.last, together.count > 1) }
        for number in finished where number >= first && set(number, .gone, from: .done) { body(number, false) }
        finished.removeAll(keepingCapacity: true)
    }

    /// Takes off what has ended without a gap. The last number is one that was not acknowledged before: the broker takes
    /// no other.
    private mutating func takePrefix() -> (last: UInt64, count: Int)? {
        var last: UInt64 = 0
        var count = 0
        while head < marks.count, marks[head] != .open {
            if marks[head] == .done { (last, count) = (first, count + 1) }
            head += 1
            first += 1
        }
        compact()
        return count > 0 ? (last, count) : nil
    }

    private mutating func set(_ number: UInt64, _ mark: Mark, from expected: Mark = .open) -> Bool {
        guard number >= first, number - first < UInt64(marks.count - head) else { return false }
        let index = head + Int(number - first)
        guard marks[index] == expected else { return false }
        if expected == .open { openCount -= 1 }
        marks[index] = mark
        return true
    }

    private mutating func compact() {
        if head == marks.count {
            marks.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1_024, head * 2 >= marks.count {
            marks.removeFirst(head)
            head = 0
        }
    }
}
