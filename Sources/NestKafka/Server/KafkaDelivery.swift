import NIOCore
import Synchronization

/// One record as it was read. A handler finds it by `context.metadata(as: KafkaDelivery.self)`.
public final class KafkaDelivery: Sendable {
    /// Counted here: a record comes once while its partition is ours, see ``KafkaAssignment/begin(_:)``.
    @usableFromInline package let id: UInt64
    let record: KafkaRecord
    let role: KafkaPlan.Role
    /// Where its answer goes; nil when nobody waits for one.
    let answer: KafkaAddress?
    /// The partition's place here; nil for what belongs to no group.
    let assignment: KafkaAssignment?
    /// Where a record that waited for its next try was sent to at first.
    private let origin: KafkaPartitions.Name?
    private let isOrdered: Bool
    private let budget: KafkaBudget

    init(
        _ id: UInt64, _ record: consuming KafkaRecord, _ role: KafkaPlan.Role, answer: KafkaAddress?, isOrdered: Bool,
        _ assignment: KafkaAssignment?, _ budget: KafkaBudget
    ) {
        self.id = id
        origin = role == .retries ? record.headers[KafkaHeader.origin].flatMap { KafkaDelivery.origin($0) } : nil
        self.role = role
        self.answer = answer
        self.isOrdered = isOrdered
        self.assignment = assignment
        self.budget = budget
        budget.take(record.size)
        self.record = record
    }

    deinit { budget.giveBack(record.size) }

    /// True when it came from one of these assignments.
    func belongs(to numbers: Set<UInt64>) -> Bool { assignment.map { numbers.contains($0.number) } ?? false }

    private static func origin(_ text: String) -> KafkaPartitions.Name? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let partition = Int32(parts[1]) else { return nil }
        return KafkaPartitions.Name(topic: String(parts[0]), partition: partition)
    }
}

extension KafkaDelivery {
    /// The topic it came from; for a record that waited for its next try, the one it was sent to at first.
    public var topic: String { origin?.topic ?? record.name.topic }
    /// The partition it came from.
    public var partition: Int { Int(origin?.partition ?? record.name.partition) }
    /// Its offset there.
    public var offset: Int64 { record.offset }
    /// When it was written, in milliseconds since 1970; nil when nobody noted it.
    public var timestamp: Int64? { record.timestamp }
    /// Its key, when it is text.
    public var recordKey: String? {
        record.key.flatMap { $0.getString(at: $0.readerIndex, length: $0.readableBytes) }
    }
}

extension KafkaDelivery: BrokerDelivery {
    /// Messages of the same key wait for each other.
    @usableFromInline package var key: String? { isOrdered ? recordKey : nil }
}

/// Bytes of records that were read and are not done with.
final class KafkaBudget: Sendable {
    private let used = Atomic(0)
    private let limit: Int

    init(_ limit: Int) { self.limit = limit }

    /// True while more may be read.
    var hasRoom: Bool { used.load(ordering: .relaxed) < limit }

    func take(_ size: Int) { used.wrappingAdd(size, ordering: .relaxed) }

    func giveBack(_ size: Int) { used.wrappingSubtract(size, ordering: .relaxed) }
}
