import CRdKafka
import Logging
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One member of a consumer group: which partitions are its own, what comes from there, and what is committed.
///
/// The loop asks the library for records while the intake has room; while it has none, it asks for nothing but news of
/// the group, with the partitions paused, so that the brokers do not take the member for stuck.
///
/// `@unchecked Sendable`: members without a lock are touched on the loop only, or constant.
final class KafkaConsumer: @unchecked Sendable {
    /// What the intake is told. On the loop.
    struct Owner: Sendable {
        /// Who takes the records of partitions that are ours. Asked once for all that are read at once.
        var sink: @Sendable () -> (any KafkaRecordSink)?
        /// How many more may be taken.
        var room: @Sendable () -> Int
        /// After everything that was read at once.
        var afterRead: @Sendable () -> Void
        /// These are not ours for much longer: what has not begun is forgotten.
        var leaving: @Sendable (Set<UInt64>) -> Void
        /// True when nothing of these is being handled any more.
        var isQuiet: @Sendable (Set<UInt64>) -> Bool
        /// These are another's now.
        var gone: @Sendable (Set<UInt64>) -> Void
        /// The member is of no use any more.
        var failed: @Sendable (TransportError) -> Void
    }

    private static let lastNumber = Atomic<UInt64>(0)
    /// Before it is known how long their handlers take.
    private static let firstBatch = 16
    /// How long what is read at once may take.
    private static let batchTime = TimeAmount.milliseconds(20)

    let group: KafkaPlan.Group
    /// The session it belongs to.
    let sessionNumber: UInt64
    let options: KafkaOptions
    let loop: PollLoop
    let timers: any EventLoop
    let trouble: KafkaTrouble
    let logger: Logger
    let handle: KafkaHandle
    private let queue: KafkaQueue
    let batch: KafkaBatch
    private let ahead: KafkaFetchAhead
    @exclusivity(unchecked) private var topicName = KafkaTopicName()
    private let headers = KafkaHeaderReader()
    private let callbacksBox: Rebalancing
    @exclusivity(unchecked) var owner: Owner?
    @exclusivity(unchecked) var assignments: [KafkaPartitions.Name: KafkaAssignment] = [:]
    /// The partition of the last record; nearly always that of the next one too.
    @exclusivity(unchecked) private var last: KafkaAssignment?
    /// Partitions that go on somewhere else in a moment.
    var seeking: Set<KafkaPartitions.Name> = []
    /// The last order each partition was moved by.
    var orders: [KafkaPartitions.Name: String] = [:]
    /// Partitions on their way to others.
    var revocation: KafkaRevocation?
    var isClosing = false
    /// Another member takes its place: nothing new is taken.
    var isRetiring = false
    /// The group has told it which partitions are its own, be it none.
    var hasShare = false
    /// Who waits for that.
    var awaitingShare: EventLoopPromise<Void>?
    /// Who waits until nothing of it is being handled any more.
    var draining: EventLoopPromise<Void>?
    /// Records are not asked for, because there is no room.
    var isHeld = false
    @exclusivity(unchecked) private var lastPoll = NIODeadline.now()
    /// Records that are read at once. Their handlers may run meanwhile: fewer when those take long, so that the group and
    /// the partitions do not wait for many of them.
    @exclusivity(unchecked) private var batchLimit = KafkaConsumer.firstBatch
    var nextCommit = NIODeadline.distantPast
    /// When a record that waits has its time.
    private var nextDue = NIODeadline.distantFuture
    /// Who waits for the first assignment.
    var firstAssignment: EventLoopPromise<Void>?
    /// Partitions as of late, for health.
    let partitionCount = Atomic(0)

    /// Hands the library's word on to the consumer, which is made after it.
    private final class Rebalancing: Sendable {
        private struct Reference: Sendable {
            weak var consumer: KafkaConsumer?
        }

        private let reference = Mutex(Reference())

        func set(_ consumer: KafkaConsumer) { reference.withLock { $0.consumer = consumer } }

        func hear(_ code: rd_kafka_resp_err_t, _ partitions: KafkaPartitions) {
            reference.withLock { $0.consumer }?.rebalanced(code, partitions)
        }

        func hearCommit(_ code: rd_kafka_resp_err_t, _ partitions: KafkaPartitions) {
            reference.withLock { $0.consumer }?.committed(code, partitions)
        }
    }

    init(
        _ group: KafkaPlan.Group, _ session: KafkaSession, _ connector: KafkaConnector, _ metrics: KafkaMetrics?
    ) async throws(TransportError) {
        self.group = group
        sessionNumber = session.number
        trouble = session.trouble
        options = connector.options
        loop = connector.loop
        timers = connector.timers
        logger = connector.logger
        let rebalancing = Rebalancing()
        callbacksBox = rebalancing
        var callbacks = connector.callbacks(trouble, metrics, client: group.id)
        callbacks.rebalanced = { rebalancing.hear($0, $1) }
        callbacks.committed = { rebalancing.hearCommit($0, $1) }
        handle = try KafkaHandle(
            RD_KAFKA_CONSUMER, try await connector.properties(for: .consumers) + Self.properties(group, options),
            callbacks)
        batch = KafkaBatch(of: handle)
        ahead = KafkaFetchAhead(handle, loop: loop, limit: options.consumer.maxBufferedBytes)
        _ = handle.ask { rd_kafka_poll_set_consumer($0) }
        do throws(TransportError) {
            queue = try KafkaQueue(consumer: handle)
        } catch {
            handle.destroy()
            throw error
        }
        rebalancing.set(self)
    }

    private static func properties(
        _ group: KafkaPlan.Group, _ options: KafkaOptions
    ) -> [(name: String, value: String)] {
        let consumer = options.consumer
        var all: [(name: String, value: String)] = [
            ("group.id", group.id), ("partition.assignment.strategy", "cooperative-sticky"),
            ("session.timeout.ms", KafkaConnector.milliseconds(consumer.sessionTimeout)),
            ("heartbeat.interval.ms", KafkaConnector.milliseconds(consumer.heartbeatInterval)),
            ("max.poll.interval.ms", KafkaConnector.milliseconds(consumer.maxPollInterval)),
        ]
        if let name = consumer.instanceID { all.append(("group.instance.id", name)) }
        return all
    }

    static func newNumber() -> UInt64 { lastNumber.add(1, ordering: .relaxed).newValue }
}

// MARK: - Joining

extension KafkaConsumer {
    /// Joins the group and returns when it has the partitions that are its share, and knows where to begin in each.
    func begin(_ owner: Owner, on timers: any EventLoop, within time: Duration) async throws(TransportError) {
        let promise = timers.makePromise(of: Void.self)
        let code = await loop.run {
            self.owner = owner
            self.firstAssignment = promise
            self.loop.add(self)
            var list = KafkaPartitions(
                self.group.topics.keys.sorted().map { KafkaPartitions.Name(topic: $0, partition: -1) })
            return self.handle.ask { pointer in list.withList { rd_kafka_subscribe(pointer, $0) } }
        }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            promise.succeed()
            throw TransportError(kafka: code, "joining group `\(group.id)`")
        }
        let failure = TransportError(.timeout, "Kafka: group `\(group.id)` had no place for us within \(time)")
        let timer = timers.scheduleTask(in: TimeAmount(time)) { promise.fail(failure) }
        defer { timer.cancel() }
        do {
            try await promise.futureResult.get()
        } catch let error as TransportError {
            throw trouble.failure ?? trouble.cause ?? error
        } catch {
            throw failure
        }
    }
}

// MARK: - On the loop

extension KafkaConsumer: PolledSource {
    var interest: pollfd { queue.interest }

    /// Often enough that nobody takes us for stuck, and in time for what is due.
    var deadline: NIODeadline? {
        var next = lastPoll + pollPause
        if assignments.values.contains(where: \.isDirty) { next = min(next, nextCommit) }
        if let revocation { next = min(next, revocation.deadline) }
        return min(next, nextDue)
    }

    private var pollPause: TimeAmount { TimeAmount(min(.seconds(1), options.consumer.maxPollInterval / 4)) }

    func found(_ events: Int16) { queue.found() }

    func turn() {
        guard let owner, !isClosing else { return }
        let now = NIODeadline.now()
        if nextDue <= now { takeDue() }
        let room = owner.room()
        if room > 0, isHeld { hold(false) }
        if queue.isRung, room > 0 {
            read(room, owner)
        } else if lastPoll + pollPause <= now {
            // Nobody has room: the library is asked for nothing but news.
            if room <= 0, !isHeld { hold(true) }
            read(1, owner)
        }
        if now >= nextCommit { commitSoon() }
        watchRevocation()
        watchDrain()
    }

    private func read(_ room: Int, _ owner: Owner) {
        lastPoll = .now()
        guard let sink = owner.sink() else { return }
        var count = 0
        queue.isRung = batch.take(from: queue, limit: min(room, batchLimit)) { message, bytes in
            if receive(message, bytes, sink) { count += 1 }
        }
        if queue.isRung { loop.wake() }
        guard count > 0 else { return }
        ahead.goOn { assignments.values.filter { !$0.isPaused && !$0.isLeaving }.map(\.name) }
        if trouble.failure != nil { trouble.worked() }
        owner.afterRead()
        let isSlow = .now() - lastPoll > Self.batchTime
        batchLimit = isSlow ? max(1, batchLimit / 2) : min(KafkaBatch.size, batchLimit * 2)
    }

    private func receive(
        _ message: KafkaBatch.Message, _ bytes: consuming KafkaBytes, _ sink: any KafkaRecordSink
    ) -> Bool {
        let topic = topicName.of(message)
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            refused(message, topic)
            return false
        }
        ahead.took(message)
        let partition = message.pointee.partition
        if last?.name.partition != partition || last?.name.topic != topic {
            last = assignments[KafkaPartitions.Name(topic: topic, partition: partition)]
        }
        // What was fetched for a partition that is another's by now is that one's to handle.
        guard let assignment = last, !assignment.isLeaving, assignment.begin(message.pointee.offset) else {
            return false
        }
        if assignment.role == .retries {
            shelve(message, bytes, assignment, sink)
        } else {
            sink.take(lent: message, bytes, from: assignment)
        }
        return true
    }

    private func shelve(
        _ message: KafkaBatch.Message, _ bytes: KafkaBytes, _ assignment: KafkaAssignment,
        _ sink: any KafkaRecordSink
    ) {
        let headers = KafkaRecordHeaders(headers.take(outOf: message))
        assignment.shelf.append(KafkaWaiting(KafkaRecord(message, bytes, assignment.name, headers: headers)))
        takeDue(assignment, sink)
    }

    private func refused(_ message: KafkaBatch.Message, _ topic: String) {
        let code = message.pointee.err
        let said = rd_kafka_message_errstr(message).map { String(cString: $0) }
        // What is said about the member is said about no topic.
        let what = topic.isEmpty ? "group `\(group.id)`" : "reading `\(topic)`"
        let error = TransportError(kafka: code, what, reason: said)
        switch code {
        case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
            // The library joins anew by itself with the next look.
            trouble.note(refusal: error)
        case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED: owner?.failed(error)
        default:
            if [.notFound, .forbidden, .unauthenticated].contains(error.code) { trouble.note(refusal: error) }
        }
    }

    /// The queue rings no more. Before the instance ends.
    func endQueue() { queue.end() }

    func forgetLast() {
        last = nil
        partitionCount.store(assignments.count, ordering: .relaxed)
    }
}

// MARK: - Standing still

extension KafkaConsumer {
    /// Has the library fetch nothing for a while, or again.
    private func hold(_ isHeld: Bool) {
        self.isHeld = isHeld
        pause(assignments.values.filter { !$0.isPaused && !$0.isLeaving }.map(\.name), isHeld)
    }

    /// Has the library fetch nothing from these, or again.
    func pause(_ names: [KafkaPartitions.Name], _ isPaused: Bool) {
        guard !names.isEmpty else { return }
        var list = KafkaPartitions(names)
        _ = handle.ask { pointer in
            list.withList {
                isPaused ? rd_kafka_pause_partitions(pointer, $0) : rd_kafka_resume_partitions(pointer, $0)
            }
        }
    }

    /// Takes what has its time.
    private func takeDue() {
        guard let owner, let sink = owner.sink() else { return }
        nextDue = .distantFuture
        for assignment in assignments.values where !assignment.shelf.isEmpty { takeDue(assignment, sink) }
        owner.afterRead()
    }

    /// Those of a topic all wait equally long: while the first one waits, nothing is read there.
    private func takeDue(_ assignment: KafkaAssignment, _ sink: any KafkaRecordSink) {
        while let first = assignment.shelf.first {
            guard first.due <= .now() else {
                nextDue = min(nextDue, first.due)
                if !assignment.isPaused {
                    assignment.isPaused = true
                    pause([assignment.name], true)
                }
                return
            }
            _ = assignment.shelf.popFirst()
            sink.take(first.record, from: assignment)
        }
        guard assignment.isPaused else { return }
        assignment.isPaused = false
        if !isHeld { pause([assignment.name], false) }
    }
}
