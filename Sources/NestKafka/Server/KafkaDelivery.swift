import NIOCore
import Synchronization

/// One record as it was read. A handler finds it by `context.metadata(as: KafkaDelivery.self)`.
///
/// Most records are handled while they are read, and nobody has their delivery afterwards: then the next one gets it.
///
/// `@unchecked Sendable`: what is changed is changed while nobody else has it.
public final class KafkaDelivery: @unchecked Sendable {
    /// Counted here: a record comes once while its partition is ours, see ``KafkaAssignment/begin(_:)``.
    @exclusivity(unchecked) @usableFromInline package private(set) var id: UInt64
    @exclusivity(unchecked) private(set) var record: KafkaRecord
    let role: KafkaPlan.Role
    /// Where its answer goes; nil when nobody waits for one.
    @exclusivity(unchecked) var answer: KafkaAddress?
    /// The partition's place here; nil for what belongs to no group.
    @exclusivity(unchecked) private(set) var assignment: KafkaAssignment?
    /// Where a record that waited for its next try was sent to at first.
    private let origin: KafkaPartitions.Name?
    /// Messages of its key wait for each other.
    @exclusivity(unchecked) var isOrdered = true
    private let budget: KafkaBudget
    /// What it takes of ``budget``.
    @exclusivity(unchecked) private var kept = 0

    init(
        _ id: UInt64, _ record: consuming KafkaRecord, _ role: KafkaPlan.Role, _ assignment: KafkaAssignment?,
        _ budget: KafkaBudget
    ) {
        self.id = id
        origin = role == .retries ? record.headers[KafkaHeader.origin].flatMap { KafkaDelivery.origin($0) } : nil
        self.role = role
        self.assignment = assignment
        self.budget = budget
        self.record = record
    }

    deinit { if kept > 0 { budget.giveBack(kept) } }

    /// That of another record that the library lends, in a partition of the same role. Only when ``isAlone()``.
    func become(
        _ id: UInt64, lent message: KafkaBatch.Message, _ bytes: consuming KafkaBytes,
        _ assignment: KafkaAssignment
    ) {
        self.id = id
        (answer, isOrdered) = (nil, true)
        if assignment !== self.assignment {
            self.assignment = assignment
            record.move(to: assignment.name)
        }
        record.become(lent: message, bytes)
    }

    /// True when no copy of its record is anywhere else, if nobody else has the delivery.
    func isAlone() -> Bool { record.isAlone() }

    /// It outlives the reading of its record.
    func keep() {
        record.keepHeaders()
        kept = record.size
        budget.take(kept)
    }

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

extension KafkaDelivery: HeaderSource {
    package var headers: MessageHeaders { record.headers }
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
