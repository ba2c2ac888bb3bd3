import CRdKafka
import NIOCore

/// The dead letters of a group, for operators: look at them, have them handled again, let go of them.
///
/// Kafka deletes no single records. A letter that was replayed or discarded is noted as settled by a record behind it, in
/// the same partition, and is not shown any more; the topic's retention removes both in the end. Each call connects by
/// itself and reads the topic from its beginning.
public struct KafkaDeadLetters: DeadLetters {
    /// How long the answer to a request that is replayed may take, and the confirmation of an event.
    public var replyTimeout: Duration = .seconds(5)
    private let options: KafkaOptions
    private let group: String

    /// The dead letters of a group. Throws `invalid_configuration` for options that cannot work.
    public init(_ options: KafkaOptions, group: String) throws(TransportError) {
        try options.validate()
        self.options = options
        self.group = group
    }

    /// How many there are.
    public func count() async throws(TransportError) -> Int {
        try await withLetters { (letters, _) throws(TransportError) in letters.count }
    }

    /// Those there are, the oldest first.
    public func list(after cursor: String?, limit: Int) async throws(TransportError) -> DeadLetterPage {
        try await withLetters { (letters, _) throws(TransportError) in
            // Letters that were there before the cursor, whether or not it still is, are not shown again.
            let after = cursor.flatMap { KafkaLetterID($0) }
            let rest = letters.filter { letter in after.map { $0 < letter.id } ?? true }
            let page = rest.prefix(max(0, limit))
            let next = rest.count > page.count ? page.last?.id.text ?? cursor : nil
            return DeadLetterPage(page.map(\.stored), next: next)
        }
    }

    /// One of them; nil when there is none of that id.
    public func show(_ id: String) async throws(TransportError) -> StoredDeadLetter? {
        try await withLetters { (letters, _) throws(TransportError) in letters.first { $0.id.text == id }?.stored }
    }

    /// Sends events to the group's own topic for what is tried again, at once, and requests to the topic of the service. A
    /// letter goes once the brokers have confirmed the event, or the request was answered with success.
    public func replay(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await forEach(ids, missing: .failure(Self.missing)) { (letter, session) throws(TransportError) in
            try await self.replay(letter, session)
            try await session.settle(letter)
        }
    }

    /// Lets go of letters.
    public func discard(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await forEach(ids, missing: .success(())) { (letter, session) throws(TransportError) in
            try await session.settle(letter)
        }
    }

    private static let missing = TransportError(.notFound, "there is no such dead letter")
}

extension KafkaDeadLetters {
    private func withLetters<Value: Sendable>(
        _ body: ([KafkaLetter], KafkaLetterSession) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        try await KafkaVisit.during(options) { (visit) throws(TransportError) in
            let session = KafkaLetterSession(visit, group: group)
            return try await body(try await session.letters(), session)
        }
    }

    private func forEach(
        _ ids: [String], missing: Result<Void, TransportError>,
        _ body: (KafkaLetter, KafkaLetterSession) async throws(TransportError) -> Void
    ) async throws(TransportError) -> DeadLetterResult {
        try await withLetters { (letters, session) throws(TransportError) in
            let known = Dictionary(letters.map { ($0.id.text, $0) }) { first, _ in first }
            return await DeadLetterResult.of(ids) { (id) throws(TransportError) in
                guard let letter = known[id] else { return try missing.get() }
                try await body(letter, session)
            }
        }
    }

    private func replay(_ letter: KafkaLetter, _ session: KafkaLetterSession) async throws(TransportError) {
        if let size = letter.stored.headers[KafkaHeader.bytes] {
            let place = letter.stored.source ?? "another topic"
            throw TransportError(.unsupported, "its \(size) bytes were too many to be kept: they are in \(place)")
        }
        guard letter.stored.kind == .send, let payload = letter.stored.payload else {
            return try await session.again(letter, within: replyTimeout)
        }
        var options = options
        options.service = session.service(of: letter) ?? group
        let client = try KafkaClient(options: options, environment: .quiet)
        var message = OutgoingMessage(
            pattern: Pattern(letter.stored.pattern), payload: payload, headers: letter.headers,
            deadline: .now() + TimeAmount(replyTimeout) + TimeAmount(options.connectTimeout))
        message.key = letter.key
        let result: Result<Payload, TransportError>
        do throws(TransportError) {
            result = .success(try await client.send(message))
        } catch {
            result = .failure(error)
        }
        await client.close()
        _ = try result.get()
    }
}
