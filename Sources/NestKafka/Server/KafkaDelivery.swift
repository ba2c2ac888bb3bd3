import NIOCore
import Synchronization

/// One record as it was read. A handler finds it by `context.metadata(as: KafkaDelivery.self)`.
public final class KafkaDelivery: Sendable {
    /// The topic it came from; for a record that waited for its next try, the one it was sent to at first.
    public let topic: String
    /// The partition it came from.
    public let partition: Int
    /// Its offset there.
    public let offset: Int64
    /// When it was written, in milliseconds since 1970; nil when nobody noted it.
    public let timestamp: Int64?
    /// Its key, when it is text.
    public let recordKey: String?

    /// Counted here: a record comes once while its partition is ours, see ``KafkaAssignment/begin(_:)``.
    @usableFromInline package let id: UInt64
    /// Messages of the same key wait for each other.
    @usableFromInline package let key: String?
    let record: KafkaRecord
    let role: KafkaPlan.Role
    /// Where its answer goes; nil when nobody waits for one.
    let answer: KafkaAddress?
    /// The partition's place here; nil for what belongs to no group.
    let assignment: KafkaAssignment?
    private let budget: KafkaBudget

    init(
        _ id: UInt64, _ record: KafkaRecord, _ role: KafkaPlan.Role, answer: KafkaAddress?, isOrdered: Bool,
        _ assignment: KafkaAssignment?, _ budget: KafkaBudget
    ) {
        let origin = role == .retries ? record.headers[KafkaHeader.origin].flatMap { KafkaDelivery.origin($0) } : nil
        topic = origin?.topic ?? record.name.topic
        partition = Int(origin?.partition ?? record.name.partition)
        offset = record.offset
        timestamp = record.timestamp
        recordKey = record.key.flatMap { $0.getString(at: $0.readerIndex, length: $0.readableBytes) }
        self.id = id
        key = isOrdered ? recordKey : nil
        self.record = record
        self.role = role
        self.answer = answer
        self.assignment = assignment
        self.budget = budget
        budget.take(record.size)
    }

    deinit { budget.giveBack(record.size) }

    /// True when it came from one of these assignments.
    func belongs(to numbers: Set<UInt64>) -> Bool { assignment.map { numbers.contains($0.number) } ?? false }

    private static func origin(_ text: String) -> (topic: String, partition: Int32)? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let partition = Int32(parts[1]) else { return nil }
        return (String(parts[0]), partition)
    }
}

extension KafkaDelivery: BrokerDelivery {}

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
