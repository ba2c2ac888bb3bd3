import CRdKafka

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A queue of the library that rings when something comes into it while it is empty. Touched on the loop only, but for
/// what is constant.
///
/// `@unchecked Sendable`: `isRung` is touched on the loop only.
final class KafkaQueue: @unchecked Sendable {
    let pointer: OpaquePointer
    private let bell: PollBell
    /// There may be something in it.
    @exclusivity(unchecked) var isRung = true

    /// Where an instance says what is not for any queue in particular.
    convenience init(main handle: KafkaHandle) throws(TransportError) {
        try self.init(handle, rd_kafka_queue_get_main)
    }

    /// Where a member of a group is told what comes.
    convenience init(consumer handle: KafkaHandle) throws(TransportError) {
        try self.init(handle, rd_kafka_queue_get_consumer)
    }

    private convenience init(
        _ handle: KafkaHandle, _ get: (OpaquePointer?) -> OpaquePointer?
    ) throws(TransportError) {
        guard let queue = handle.lend({ get($0) }) ?? nil else {
            throw TransportError(.internal, "the library has no queue")
        }
        try self.init(queue)
    }

    /// Takes over a reference to the queue.
    private init(_ pointer: OpaquePointer) throws(TransportError) {
        do throws(TransportError) {
            bell = try PollBell()
        } catch {
            rd_kafka_queue_destroy(pointer)
            throw error
        }
        self.pointer = pointer
        var byte: UInt8 = 1
        rd_kafka_queue_io_event_enable(pointer, bell.sender, &byte, 1)
    }

    var interest: pollfd { pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0) }

    func found() {
        bell.silence()
        isRung = true
    }

    /// It rings no more, and is given back. Before its instance ends.
    func end() {
        rd_kafka_queue_io_event_enable(pointer, -1, nil, 0)
        rd_kafka_queue_destroy(pointer)
    }
}
