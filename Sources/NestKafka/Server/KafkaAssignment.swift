import NIOCore

/// A partition from when it is ours to when it is not: what was read there, and up to where that is done with.
///
/// `@unchecked Sendable`: touched on the loop only, but for what is constant.
final class KafkaAssignment: @unchecked Sendable {
    /// No other assignment has it.
    let number: UInt64
    let name: KafkaPartitions.Name
    let role: KafkaPlan.Role
    @exclusivity(unchecked) private var watermark = Watermark()
    /// The offset of the record that is expected next.
    @exclusivity(unchecked) private(set) var next: Int64
    /// What is to be committed: everything before it is done with.
    @exclusivity(unchecked) private(set) var position: Int64
    /// ``position`` has moved since it was committed.
    @exclusivity(unchecked) var isDirty: Bool
    /// Records that wait for their time, in their order; only where records wait for their next try.
    @exclusivity(unchecked) var shelf = Fifo<KafkaWaiting>()
    @exclusivity(unchecked) var isPaused = false
    /// It goes to another instance: nothing is read here any more.
    @exclusivity(unchecked) var isLeaving = false

    init(number: UInt64, _ name: KafkaPartitions.Name, _ role: KafkaPlan.Role, from offset: Int64, isNew: Bool) {
        self.number = number
        self.name = name
        self.role = role
        next = offset
        position = offset
        isDirty = isNew
    }

    /// A record has come. False for one that was here before.
    func begin(_ offset: Int64) -> Bool {
        guard offset >= next, offset >= 0 else { return false }
        next = offset + 1
        watermark.begin(UInt64(offset))
        return true
    }

    /// A record is done with.
    func finish(_ offset: Int64) {
        guard let mark = watermark.finish(UInt64(offset)) else { return }
        position = Int64(mark) + 1
        isDirty = true
    }
}
