import CRdKafka
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads partitions from an offset on, without a group: answers, events for every instance.
///
/// `@unchecked Sendable`: members without a lock are touched on the loop only, or constant.
final class KafkaReader: @unchecked Sendable {
    private let handle: KafkaHandle
    private let loop: PollLoop
    private let trouble: KafkaTrouble
    private let queue: KafkaQueue
    private let batch: KafkaBatch
    private let ahead: KafkaFetchAhead
    @exclusivity(unchecked) private var topicName = KafkaTopicName()
    private let headers = KafkaHeaderReader()
    private let started = Mutex<[(topic: KafkaTopicHandle, name: KafkaPartitions.Name)]>([])
    /// Takes each record.
    @exclusivity(unchecked) private var take: (KafkaRecord) -> Void = { _ in }
    /// After everything that was read at once.
    @exclusivity(unchecked) private var afterRead: () -> Void = {}
    /// How many more may be taken now.
    @exclusivity(unchecked) private var room: () -> Int = { 0 }
    /// Something cannot be read any more.
    @exclusivity(unchecked) private var failed: (TransportError) -> Void = { _ in }

    /// `limit` is how many bytes the library may hold.
    init(
        _ properties: [(name: String, value: String)], limit: Int, loop: PollLoop, _ callbacks: KafkaHandle.Callbacks
    ) throws(TransportError) {
        self.loop = loop
        trouble = callbacks.trouble
        handle = try KafkaHandle(RD_KAFKA_CONSUMER, properties, callbacks)
        batch = KafkaBatch(of: handle)
        do throws(TransportError) {
            // What else the library has to say comes the same way.
            queue = try KafkaQueue(main: handle)
        } catch {
            handle.destroy()
            throw error
        }
        ahead = KafkaFetchAhead(handle, loop: loop, limit: limit)
    }

    /// Reads from now on. What is handed on is handed on on the loop.
    func begin(
        _ partitions: [(name: KafkaPartitions.Name, offset: Int64)], room: @escaping @Sendable () -> Int,
        failed: @escaping @Sendable (TransportError) -> Void, afterRead: @escaping @Sendable () -> Void,
        take: @escaping @Sendable (KafkaRecord) -> Void
    ) async throws(TransportError) {
        await loop.run {
            (self.take, self.afterRead, self.room, self.failed) = (take, afterRead, room, failed)
            self.loop.add(self)
        }
        try await DedicatedThread.blocking { () throws(TransportError) in
            for (name, offset) in partitions { try self.start(name, offset) }
        }
    }

    private func start(_ name: KafkaPartitions.Name, _ offset: Int64) throws(TransportError) {
        guard let made = handle.lend({ rd_kafka_topic_new($0, name.topic, nil) }) ?? nil else {
            throw TransportError(kafka: rd_kafka_last_error(), "reading \(name)")
        }
        let topic = KafkaTopicHandle(made)
        guard rd_kafka_consume_start_queue(made, name.partition, offset, queue.pointer) == 0 else {
            throw TransportError(kafka: rd_kafka_last_error(), "reading \(name)")
        }
        started.withLock { $0.append((topic, name)) }
    }

    /// Reads no more, and is gone.
    func close() async {
        await loop.run {
            self.loop.remove(self)
            self.batch.end()
            (self.take, self.afterRead, self.room, self.failed) = ({ _ in }, {}, { 0 }, { _ in })
        }
        try? await DedicatedThread.blocking {
            for (topic, name) in self.started.withLock({ $0 }) {
                _ = rd_kafka_consume_stop(topic.pointer, name.partition)
            }
            self.started.withLock { $0 = [] }
            self.queue.end()
            self.handle.destroy()
        }
    }
}

// MARK: - On the loop

extension KafkaReader: PolledSource {
    var interest: pollfd { queue.interest }

    func found(_ events: Int16) { queue.found() }

    func turn() {
        guard queue.isRung else { return }
        let room = room()
        guard room > 0 else { return }
        var count = 0
        queue.isRung = batch.take(from: queue, limit: room) { message, bytes in
            count += 1
            take(message, bytes)
        }
        if queue.isRung { loop.wake() }
        guard count > 0 else { return }
        ahead.goOn { started.withLock { $0.map(\.name) } }
        if trouble.failure != nil { trouble.worked() }
        afterRead()
    }

    private func take(_ message: KafkaBatch.Message, _ bytes: KafkaBytes) {
        let topic = topicName.of(message)
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let said = rd_kafka_message_errstr(message).map { String(cString: $0) }
            let error = TransportError(kafka: message.pointee.err, "reading `\(topic)`", reason: said)
            if [.notFound, .forbidden].contains(error.code) { failed(error) }
            return
        }
        ahead.took(message)
        let name = KafkaPartitions.Name(topic: topic, partition: message.pointee.partition)
        take(KafkaRecord(message, bytes, name, headers: KafkaRecordHeaders(headers.take(outOf: message))))
    }
}

extension KafkaConnector {
    /// A reader that reads nothing yet.
    func reader(_ trouble: KafkaTrouble) async throws(TransportError) -> KafkaReader {
        try KafkaReader(
            try await properties(for: .consumers), limit: options.consumer.maxBufferedBytes, loop: loop,
            callbacks(trouble, nil))
    }
}
