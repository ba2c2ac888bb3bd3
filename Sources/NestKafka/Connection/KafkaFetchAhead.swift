import CRdKafka

/// Has the library fetch on in time.
///
/// The library fetches ahead until it holds as much as it may, and then looks only once a second whether that is used up.
/// Newer ones look as often as `fetch.queue.backoff.ms` says. Before there was that, a service that handles in less than a
/// second what may be held stood still for the rest of it; any request to a broker makes the library look there.
///
/// `@unchecked Sendable`: members that change are touched on the loop only.
final class KafkaFetchAhead: @unchecked Sendable {
    /// How often newer libraries look.
    static let property = (name: "fetch.queue.backoff.ms", value: "20")
    /// The library knows the property.
    static let isBuiltIn = KafkaProperties.isKnown(property.name)
    /// It holds 100,000 records at the most, however small they are.
    private static let records = 25_000

    private let handle: KafkaHandle
    private let loop: PollLoop
    /// After so many bytes it is made to look.
    private let bytes: Int
    @exclusivity(unchecked) private var takenBytes = 0
    @exclusivity(unchecked) private var takenRecords = 0
    private var isAsking = false

    /// `limit` is what the library may hold, in bytes.
    init(_ handle: KafkaHandle, loop: PollLoop, limit: Int) {
        self.handle = handle
        self.loop = loop
        bytes = max(1, limit / 4)
    }

    /// A record was taken out of what it holds.
    func took(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        takenBytes += message.pointee.len
        takenRecords += 1
    }

    /// After everything that was taken at once. `partitions` are those it reads.
    func goOn(_ partitions: () -> [KafkaPartitions.Name]) {
        guard takenBytes >= bytes || takenRecords >= Self.records else { return }
        (takenBytes, takenRecords) = (0, 0)
        guard !Self.isBuiltIn, !isAsking else { return }
        ask(partitions())
    }

    /// Asks each broker that leads one of them where they end: the answer is of no interest.
    private func ask(_ partitions: [KafkaPartitions.Name]) {
        guard !partitions.isEmpty else { return }
        isAsking = DedicatedThread.start { [handle, loop] in
            var list = KafkaPartitions(partitions, offset: Int64(RD_KAFKA_OFFSET_END))
            _ = handle.ask { pointer in list.withList { rd_kafka_offsets_for_times(pointer, $0, 1_000) } }
            loop.execute { self.isAsking = false }
        }
    }
}
