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

/// Sends records, and hears what became of them.
///
/// `@unchecked Sendable`: members without a lock are touched on the loop only, or constant.
final class KafkaProducer: @unchecked Sendable {
    /// Who sent a record, to be told what became of it.
    struct Tag {
        let id: UInt64
        /// Success is told too.
        let tellsTaken: Bool

        /// Nobody is told.
        static let none = Tag(id: 0, tellsTaken: false)

        init(id: UInt64, tellsTaken: Bool) {
            self.id = id
            self.tellsTaken = tellsTaken
        }

        fileprivate var opaque: UnsafeMutableRawPointer? {
            UnsafeMutableRawPointer(bitPattern: UInt(id << 1 | (tellsTaken ? 1 : 0)))
        }

        fileprivate init(_ opaque: UnsafeMutableRawPointer?) {
            let bits = UInt64(UInt(bitPattern: opaque))
            self.init(id: bits >> 1, tellsTaken: bits & 1 == 1)
        }
    }

    /// Who hears what became of records. On the loop.
    typealias Settle = @Sendable (_ id: UInt64, PendingReplies.Reply) -> Void

    let handle: KafkaHandle
    private let loop: PollLoop
    private let callbacks: KafkaHandle.Callbacks
    private let trouble: KafkaTrouble
    private let queue: KafkaQueue
    @exclusivity(unchecked) private var settle: Settle = { _, _ in }
    /// The library's handles of topics, by name.
    private let topics = Mutex<[String: KafkaTopicHandle]>([:])
    /// Who waits until the library takes more.
    private let waiters = Mutex<[@Sendable () -> Void]>([])
    /// The library can send no more for good.
    private let fatal = Mutex<(@Sendable (TransportError) -> Void)?>(nil)

    init(
        _ properties: [(name: String, value: String)], loop: PollLoop, _ callbacks: KafkaHandle.Callbacks
    ) throws(TransportError) {
        self.loop = loop
        self.callbacks = callbacks
        trouble = callbacks.trouble
        handle = try KafkaHandle(RD_KAFKA_PRODUCER, properties, events: CInt(RD_KAFKA_EVENT_DR), callbacks)
        do throws(TransportError) {
            queue = try KafkaQueue(main: handle)
        } catch {
            handle.destroy()
            throw error
        }
    }

    /// Hears what becomes of records from now on.
    func begin(_ settle: @escaping Settle) async {
        await loop.run {
            self.settle = settle
            self.loop.add(self)
        }
    }

    /// Calls back when the library can send no more for good.
    func whenFatal(_ body: @escaping @Sendable (TransportError) -> Void) { fatal.withLock { $0 = body } }

    /// Records that were sent and of which nothing is known yet.
    var openCount: Int { Int(handle.lend { rd_kafka_outq_len($0) } ?? 0) }
}

/// A topic as the library has it. Given back with the last reference.
final class KafkaTopicHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { rd_kafka_topic_destroy(pointer) }
}

// MARK: - Sending

extension KafkaProducer {
    /// Hands a record to the library; nil when that was done. From any thread. Without a partition the key decides. The
    /// pattern goes with it as a header.
    func send(
        _ value: ByteBuffer?, to topic: String, partition: Int32? = nil, key: ByteBuffer?, _ headers: MessageHeaders,
        pattern: String? = nil, _ tag: Tag
    ) -> rd_kafka_resp_err_t? {
        let code = handle.ask { pointer in
            guard let topic = topicHandle(topic, pointer) else { return RD_KAFKA_RESP_ERR__INVALID_ARG }
            let made = KafkaHeaders.make(headers, pattern: pattern)
            let code = Self.withBytes(value) { value in
                Self.withBytes(key) { key in
                    nest_kafka_produce(
                        pointer, topic.pointer, partition ?? RD_KAFKA_PARTITION_UA, key.baseAddress, key.count,
                        value.baseAddress, value.count, made, tag.opaque)
                }
            }
            // What was not taken stays with us.
            if code != RD_KAFKA_RESP_ERR_NO_ERROR, let made { rd_kafka_headers_destroy(made) }
            return code
        }
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : code
    }

    private static func withBytes<Result>(
        _ buffer: ByteBuffer?, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard let buffer else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return buffer.withUnsafeReadableBytes(body)
    }

    private func topicHandle(_ name: String, _ pointer: OpaquePointer) -> KafkaTopicHandle? {
        topics.withLock { topics in
            if let known = topics[name] { return known }
            guard let made = rd_kafka_topic_new(pointer, name, nil) else { return nil }
            let topic = KafkaTopicHandle(made)
            // Names of answers come from callers: they are not kept without a bound.
            if topics.count >= 4_096 { topics = [:] }
            topics[name] = topic
            return topic
        }
    }

    /// Calls back when the library may take more: on the loop, once.
    func whenRoomy(_ body: @escaping @Sendable () -> Void) {
        waiters.withLock { $0.append(body) }
        // Everything may have gone meanwhile.
        if openCount == 0 { loop.execute { self.callWaiters() } }
    }

    private func callWaiters() {
        let all = waiters.withLock { waiters in
            defer { waiters = [] }
            return waiters
        }
        for body in all { body() }
    }
}

// MARK: - On the loop

extension KafkaProducer: PolledSource {
    var interest: pollfd { queue.interest }

    func found(_ events: Int16) { queue.found() }

    func turn() {
        guard queue.isRung else { return }
        queue.isRung = false
        var hasReports = false
        while let event = rd_kafka_queue_poll(queue.pointer, 0) {
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR:
                hasReports = true
                while let message = rd_kafka_event_message_next(event) { report(message.pointee) }
            case RD_KAFKA_EVENT_ERROR: noteError(event)
            case RD_KAFKA_EVENT_STATS:
                if let text = rd_kafka_event_stats(event) { callbacks.statistics?(String(cString: text)) }
            default: break
            }
            rd_kafka_event_destroy(event)
        }
        if hasReports { callWaiters() }
        lookForFatal()
    }

    private func report(_ message: rd_kafka_message_t) {
        let tag = Tag(message._private)
        guard message.err != RD_KAFKA_RESP_ERR_NO_ERROR else {
            if trouble.failure != nil { trouble.worked() }
            if tag.tellsTaken { settle(tag.id, .success(.null)) }
            return
        }
        let topic = message.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
        let error = TransportError(kafka: message.err, "sending to `\(topic)`")
        if [.forbidden, .notFound].contains(error.code) { trouble.note(refusal: error) }
        if tag.id != 0 { settle(tag.id, .failure(error)) }
    }

    /// What comes as an event is not called back.
    private func noteError(_ event: OpaquePointer) {
        let said = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
        trouble.note(rd_kafka_event_error(event), said)
    }

    private func lookForFatal() {
        var text = [CChar](repeating: 0, count: 256)
        let code = handle.ask { rd_kafka_fatal_error($0, &text, text.count) }
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        let body = fatal.withLock { fatal in
            defer { fatal = nil }
            return fatal
        }
        body?(TransportError(.disconnected, "Kafka: \(String(nullTerminated: text))"))
    }
}

// MARK: - The end

extension KafkaProducer {
    /// Waits until everything is sent, as long as that may take; then nothing more is, and it is gone. What was not taken
    /// by then is told as lost.
    func close(flushingWithin time: Duration) async {
        let milliseconds = CInt(clamping: Int64(time / .milliseconds(1)))
        try? await DedicatedThread.blocking { [handle] in _ = handle.ask { rd_kafka_flush($0, max(0, milliseconds)) } }
        await loop.run {
            _ = self.handle.ask { rd_kafka_purge($0, CInt(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)) }
            self.queue.isRung = true
            self.turn()
            self.loop.remove(self)
            self.callWaiters()
            self.settle = { _, _ in }
        }
        try? await DedicatedThread.blocking {
            self.queue.end()
            self.topics.withLock { $0 = [:] }
            self.handle.destroy()
        }
    }
}
