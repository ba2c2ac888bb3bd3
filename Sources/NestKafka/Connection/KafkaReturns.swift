import CRdKafka
import Dispatch
import Synchronization

/// Records on their way back to the library.
///
/// The library makes an object of each record on a thread of its own while we end those of the ones before: both need the
/// same part of the heap, and whoever finds it locked sleeps, which costs more than handling a hundred small records. Many
/// at once are ended by a thread that nobody waits for.
///
/// `@unchecked Sendable`: members without a lock are touched on the loop only, or constant.
final class KafkaReturns: @unchecked Sendable {
    /// Fewer are ended where they are: a thread that is woken for them would cost more.
    private static let few = 64
    /// So many are gathered, or so many bytes of them: each holds memory of the library's.
    private static let (many, bytes) = (512, 256 << 10)
    /// So many may be under way; more are ended where they are.
    private static let most = 2_048

    private let handle: KafkaHandle
    private let queue = DispatchQueue(label: "nest.kafka.returns")
    /// Addresses of what is gathered.
    @exclusivity(unchecked) private var gathered: [UInt] = []
    @exclusivity(unchecked) private var gatheredBytes = 0
    private let underWay = Atomic(0)

    init(_ handle: KafkaHandle) { self.handle = handle }

    /// The record is not needed any more. ``flush()`` must follow when no more come.
    func take(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        gathered.append(UInt(bitPattern: message))
        gatheredBytes += message.pointee.len + message.pointee.key_len
        if gathered.count >= Self.many || gatheredBytes >= Self.bytes { flush() }
    }

    /// Gives back what was gathered. The handle ends after it.
    func flush() {
        gatheredBytes = 0
        guard gathered.count >= Self.few, underWay.load(ordering: .relaxed) < Self.most, hand(gathered) else {
            Self.end(gathered)
            return gathered.removeAll(keepingCapacity: true)
        }
        gathered = []
        gathered.reserveCapacity(Self.many)
    }

    /// False when the handle is ending.
    private func hand(_ addresses: [UInt]) -> Bool {
        underWay.wrappingAdd(addresses.count, ordering: .relaxed)
        let isLent = handle.lend(on: queue) { [self] in
            Self.end(addresses)
            underWay.wrappingSubtract(addresses.count, ordering: .relaxed)
        }
        if !isLent { underWay.wrappingSubtract(addresses.count, ordering: .relaxed) }
        return isLent
    }

    private static func end(_ addresses: [UInt]) {
        for address in addresses { rd_kafka_message_destroy(UnsafeMutablePointer(bitPattern: address)) }
    }
}
