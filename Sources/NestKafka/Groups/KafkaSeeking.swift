import NIOCore
import Synchronization

/// Tells the members of a group where to go on, until all have.
///
/// Nobody but a member may move a running group. Each instance reads a partition of the topic of answers: there all are told,
/// and those who have a partition that is meant say so.
struct KafkaSeeking: Sendable {
    /// How long members have before they are told again: partitions may be on their way from one to another.
    private static let patience = TimeAmount.seconds(1)

    private let visit: KafkaVisit
    private let group: String
    private let id: String

    init(_ visit: KafkaVisit, group: String) {
        self.visit = visit
        self.group = group
        id = visit.names.group(group)
    }

    func positions() async throws(TransportError) -> [KafkaPosition] {
        let (options, topics) = (visit.options, visit.topics)
        let partitions = try await DedicatedThread.blocking { () throws(TransportError) in try topics.partitions() }
        let wanted = Set([visit.names.events] + options.topics.events.map(\.topic)).sorted()
        return try await KafkaOffsets(options, topics, partitions).read(wanted, of: id)
    }

    func seek(to place: KafkaStart, within time: Duration) async throws(TransportError) -> [KafkaPosition] {
        let end = NIODeadline.now() + TimeAmount(time)
        let positions = try await positions()
        guard !positions.isEmpty else {
            throw TransportError(.notFound, "Kafka: group `\(group)` has read nothing yet")
        }
        let topics = visit.topics
        let targets = try await DedicatedThread.blocking { () throws(TransportError) in
            try positions.map { (position) throws(TransportError) in
                KafkaSeek.Target(
                    topic: position.topic, partition: position.name.partition,
                    offset: try topics.offset(of: position.name, at: place))
            }
        }
        try await tell(targets, until: end)
        return zip(positions, targets).map { KafkaPosition($0.name, offset: $1.offset, end: $0.end) }
    }
}

// MARK: - Telling

extension KafkaSeeking {
    /// Who has not answered yet.
    private final class Rest: Sendable {
        private let targets: Mutex<Set<KafkaSeek.Target>>

        init(_ targets: [KafkaSeek.Target]) { self.targets = Mutex(Set(targets)) }

        var all: [KafkaSeek.Target] { targets.withLock { Array($0) } }

        /// True when nothing is left.
        func remove(_ done: [KafkaSeek.Target]) -> Bool {
            targets.withLock { targets in
                targets.subtract(done)
                return targets.isEmpty
            }
        }
    }

    private func tell(_ targets: [KafkaSeek.Target], until end: NIODeadline) async throws(TransportError) {
        let (pending, session) = (visit.pending, visit.session)
        let (inbox, offset) = try await visit.connector.inbox(over: session.producer, session.trouble)
        session.add { await inbox.close() }
        let rest = Rest(targets)
        // One call after another waits; each has a number of its own.
        let waiting = Mutex<PendingReplies.Ticket?>(nil)
        try await inbox.begin(
            from: offset,
            failed: { error in
                if let ticket = waiting.withLock({ $0 }) { pending.settle(ticket.id, .failure(error)) }
            }
        ) { _, record in
            guard let done = Self.answer(record), rest.remove(done) else { return }
            if let ticket = waiting.withLock({ $0 }) { pending.settle(ticket.id, .success(.null)) }
        }
        let count = try await partitionsOfReplies()
        while !rest.all.isEmpty {
            let ticket = try pending.register(deadline: min(end, .now() + Self.patience))
            waiting.withLock { $0 = ticket }
            do throws(TransportError) {
                _ = try await pending.reply(to: ticket) { publish(rest.all, answer: inbox.address(1), count) }
            } catch {
                guard error.code == .timeout else { throw error }
                guard .now() < end else { throw Self.late(rest.all, group) }
            }
        }
    }

    private static func answer(_ record: KafkaRecord) -> [KafkaSeek.Target]? {
        guard let body = record.value, let payload = try? Payload(json: body) else { return nil }
        return try? payload.decode([KafkaSeek.Target].self)
    }

    private static func late(_ rest: [KafkaSeek.Target], _ group: String) -> TransportError {
        let names = rest.map(\.name.description).sorted().joined(separator: ", ")
        return TransportError(
            .timeout, "Kafka: no running instance of group `\(group)` has answered for \(names)")
    }

    private func partitionsOfReplies() async throws(TransportError) -> Int32 {
        let topics = visit.topics
        let all = try await DedicatedThread.blocking { () throws(TransportError) in try topics.partitions() }
        return Int32(clamping: all[visit.names.replies] ?? 0)
    }

    private func publish(_ targets: [KafkaSeek.Target], answer: KafkaAddress, _ count: Int32) {
        guard let order = try? Payload(encoding: KafkaSeek(group: id, targets: targets)) else { return }
        for partition in 0..<count {
            _ = visit.session.producer.send(
                order.buffer, to: visit.names.replies, partition: partition, key: nil,
                [KafkaHeader.seekAnswer: answer.text], .none)
        }
    }
}
