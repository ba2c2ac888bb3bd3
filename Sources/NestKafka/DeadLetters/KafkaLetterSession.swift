import CRdKafka
import Logging
import NIOCore
import Synchronization

/// One call about the dead letters of a group.
struct KafkaLetterSession: Sendable {
    private let visit: KafkaVisit
    private let group: String

    init(_ visit: KafkaVisit, group: String) {
        self.visit = visit
        self.group = group
    }

    private var names: KafkaNames { visit.names }

    /// The service whose topic a letter's request came from; nil when that tells nothing.
    func service(of letter: KafkaLetter) -> String? {
        guard let source = letter.stored.source?.split(separator: "[").first.map(String.init) else { return nil }
        if source == names.requests("default") { return "default" }
        let prefix = "\(names.prefix).requests."
        return source.hasPrefix(prefix) ? String(source.dropFirst(prefix.count)) : nil
    }
}

// MARK: - Reading

extension KafkaLetterSession {
    /// Collects what is read. Touched on the loop only.
    private final class Shelf: @unchecked Sendable {
        var letters: [KafkaLetterID: KafkaLetter] = [:]
        var settled: Set<String> = []
        /// Up to where each partition is to be read.
        var ends: [Int32: Int64]

        init(_ ends: [Int32: Int64]) { self.ends = ends }

        func take(_ record: KafkaRecord) {
            if let place = record.headers[KafkaHeader.settled] {
                settled.insert(place)
            } else if record.headers[HeaderName.deadReason] != nil || record.value != nil {
                let letter = KafkaLetter(record)
                letters[letter.id] = letter
            }
            if let end = ends[record.name.partition], record.offset + 1 >= end { ends[record.name.partition] = nil }
        }
    }

    /// All letters that are not settled, the oldest first.
    func letters() async throws(TransportError) -> [KafkaLetter] {
        let topic = names.dead(group)
        let topics = visit.topics
        let ranges = try await DedicatedThread.blocking {
            () throws(TransportError) -> [(name: KafkaPartitions.Name, low: Int64, high: Int64)] in
            let count = try topics.partitions()[topic] ?? 0
            var ranges: [(name: KafkaPartitions.Name, low: Int64, high: Int64)] = []
            for partition in 0..<Int32(clamping: count) {
                let name = KafkaPartitions.Name(topic: topic, partition: partition)
                let (low, high) = try topics.offsets(of: name)
                if high > low { ranges.append((name, low, high)) }
            }
            return ranges
        }
        guard !ranges.isEmpty else { return [] }
        let shelf = Shelf(Dictionary(uniqueKeysWithValues: ranges.map { ($0.name.partition, $0.high) }))
        try await read(ranges.map { ($0.name, $0.low) }, into: shelf)
        return shelf.letters.values.filter { !shelf.settled.contains("\($0.id.partition) \($0.id.offset)") }
            .sorted { $0.id < $1.id }
    }

    private func read(
        _ partitions: [(name: KafkaPartitions.Name, offset: Int64)], into shelf: Shelf
    ) async throws(TransportError) {
        let pending = visit.pending
        let reader = try await visit.connector.reader(visit.session.trouble)
        let ticket = try pending.register(deadline: .now() + TimeAmount(visit.options.operationTimeout))
        let result: Result<Void, TransportError>
        do throws(TransportError) {
            try await reader.begin(
                partitions, room: { .max },
                failed: { _ = pending.settle(ticket.id, .failure($0)) },
                afterRead: {
                    if shelf.ends.isEmpty { _ = pending.settle(ticket.id, .success(.null)) }
                }
            ) { shelf.take($0) }
            _ = try await pending.reply(to: ticket) {}
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await reader.close()
        try result.get()
    }
}

// MARK: - Writing

extension KafkaLetterSession {
    /// Has an event handled again by its group, and by no other.
    func again(_ letter: KafkaLetter, within time: Duration) async throws(TransportError) {
        guard let topic = try await retryTopic() else {
            throw TransportError(.unsupported, "group `\(group)` has no topic for what is tried again")
        }
        var headers = letter.stored.originalHeaders
        headers[KafkaHeader.dueAt] = nil
        try await send(letter.record.value, to: topic, key: letter.record.key, headers, within: time)
    }

    /// A topic that only the group reads.
    private func retryTopic() async throws(TransportError) -> String? {
        let topics = visit.topics
        let known = try await DedicatedThread.blocking { () throws(TransportError) in try topics.partitions() }
        let prefix = "\(names.prefix).retry.\(group)."
        return known.keys.filter { $0.hasPrefix(prefix) && Int64($0.dropFirst(prefix.count)) != nil }.min()
    }

    /// Notes that a letter is none any more, in its partition.
    func settle(_ letter: KafkaLetter) async throws(TransportError) {
        let id = letter.id
        try await send(
            nil, to: names.dead(group), partition: id.partition, key: letter.record.key,
            [KafkaHeader.settled: "\(id.partition) \(id.offset)"], within: visit.options.operationTimeout)
    }

    private func send(
        _ value: ByteBuffer?, to topic: String, partition: Int32? = nil, key: ByteBuffer?, _ headers: MessageHeaders,
        within time: Duration
    ) async throws(TransportError) {
        let pending = visit.pending
        let ticket = try pending.register(deadline: .now() + TimeAmount(time))
        _ = try await pending.reply(to: ticket) {
            let code = visit.session.producer.send(
                value, to: topic, partition: partition, key: key, headers,
                KafkaProducer.Tag(id: ticket.id, tellsTaken: true))
            guard let code else { return }
            pending.settle(ticket.id, .failure(TransportError(kafka: code, "sending to `\(topic)`")))
        }
    }
}
