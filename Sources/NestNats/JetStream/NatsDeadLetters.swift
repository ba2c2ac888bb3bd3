import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The dead letters of a group, for operators: look at them, have them handled again, let go of them.
///
/// Each call connects by itself. Ids are numbers of the stream for dead letters.
public struct NatsDeadLetters: DeadLetters {
    /// How long the answer to a request that is replayed may take.
    public var replyTimeout: Duration = .seconds(5)
    private let options: NatsOptions
    private let jetStream: JetStreamOptions
    private let group: String

    /// The dead letters of a group. Throws `invalid_configuration` without ``NatsOptions/jetStream``.
    public init(_ options: NatsOptions, group: String) throws(TransportError) {
        try options.validate()
        guard let jetStream = options.jetStream else {
            throw TransportError(.invalidConfiguration, "dead letters of NATS are kept by JetStream: set `jetStream`")
        }
        self.options = options
        self.jetStream = jetStream
        self.group = JetStreamOptions.consumerName(group)
    }

    /// How many there are.
    public func count() async throws(TransportError) -> Int {
        try await withStream { (stream) throws(TransportError) in
            let subject = self.jetStream.deadSubject(of: self.group)
            do throws(TransportError) {
                let info = try await stream.ask(
                    "STREAM.INFO.\(self.jetStream.deadStream)",
                    JetStreamWire.SubjectsRequest(subjects_filter: subject), for: JetStreamWire.SubjectsInfo.self)
                return Int(clamping: info.state.subjects?[subject] ?? 0)
            } catch {
                guard error.code == .notFound else { throw error }
                return 0
            }
        }
    }

    /// Those there are, the oldest first.
    public func list(after cursor: String?, limit: Int) async throws(TransportError) -> DeadLetterPage {
        var next: UInt64 = 1
        if let cursor { next = try Self.number(cursor) &+ 1 }
        let first = next
        return try await withStream { (stream) throws(TransportError) in
            var page = DeadLetterPage([], next: nil)
            var next = first
            while let (number, letter) = try await self.letter(from: next, in: stream) {
                if page.letters.count >= max(0, limit) {
                    page.next = page.letters.last?.id ?? cursor
                    break
                }
                page.letters.append(letter)
                next = number &+ 1
            }
            return page
        }
    }

    /// One of them; nil when there is none of that number.
    public func show(_ id: String) async throws(TransportError) -> StoredDeadLetter? {
        let number = try Self.number(id)
        return try await withStream { (stream) throws(TransportError) in try await self.letter(number, in: stream) }
    }

    /// Puts events back into their stream, for this group alone, and sends requests to those who serve them now. A
    /// letter goes once the stream has confirmed the event, or the request was answered with success.
    public func replay(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await withStream { (stream) throws(TransportError) in
            await DeadLetterResult.of(ids) { (id) throws(TransportError) in
                let number = try Self.number(id)
                guard let letter = try await self.letter(number, in: stream) else {
                    throw TransportError(.notFound, "there is no dead letter \(id)")
                }
                try await self.replay(letter, in: stream)
                try await self.discard(number, in: stream)
            }
        }
    }

    /// Lets go of letters.
    public func discard(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await withStream { (stream) throws(TransportError) in
            await DeadLetterResult.of(ids) { (id) throws(TransportError) in
                let number = try Self.number(id)
                // Of this group only: a number alone may be another group's.
                guard try await self.letter(number, in: stream) != nil else { return }
                try await self.discard(number, in: stream)
            }
        }
    }
}

// MARK: - One letter

extension NatsDeadLetters {
    private static func number(_ id: String) throws(TransportError) -> UInt64 {
        guard let number = UInt64(id) else {
            throw TransportError(.invalidConfiguration, "`\(id)` is no id of a dead letter: they are numbers")
        }
        return number
    }

    private func replay(_ letter: StoredDeadLetter, in stream: JetStream) async throws(TransportError) {
        guard let kind = letter.kind else {
            throw TransportError(.invalidMessage, "dead letter \(letter.id) is no message: nobody can handle it")
        }
        let subject = stream.subjects.subject(of: Pattern(letter.pattern))
        var headers = letter.originalHeaders
        if kind == .send { return try await ask(letter, subject, headers, stream.connection) }
        headers[KeptHeader.group] = group
        headers[KeptHeader.id] = "replay-\(jetStream.deadStream)-\(letter.id)-\(letter.time ?? "")"
        try await stream.connection.store(
            letter.body, in: jetStream.stream, as: subject, headers, within: options.connectTimeout)
    }

    /// Sends a request once more, and throws what it is answered with unless that is success.
    private func ask(
        _ letter: StoredDeadLetter, _ subject: String, _ headers: MessageHeaders, _ connection: NatsConnection
    ) async throws(TransportError) {
        let answer = try await connection.exchange(letter.body, to: subject, headers, within: replyTimeout)
        let content: InboundResponse.Content
        do throws(EnvelopeError) {
            content = try NestCodec().readResponse(answer, in: ByteRange(0, answer.readableBytes)).content
        } catch {
            throw TransportError(.invalidMessage, "the reply is no envelope: \(error.reason)")
        }
        if case .failure(let error) = content { throw error }
    }

    private func discard(_ number: UInt64, in stream: JetStream) async throws(TransportError) {
        _ = try await stream.ask(
            "STREAM.MSG.DELETE.\(jetStream.deadStream)", JetStreamWire.MessageRequest(seq: number, no_erase: true),
            for: JetStreamWire.Problem.self)
    }

    private func letter(_ number: UInt64, in stream: JetStream) async throws(TransportError) -> StoredDeadLetter? {
        guard let (found, letter) = try await letter(from: number, in: stream), found == number else { return nil }
        return letter
    }

    private func letter(
        from number: UInt64, in stream: JetStream
    ) async throws(TransportError) -> (UInt64, StoredDeadLetter)? {
        let request = JetStreamWire.MessageRequest(seq: number, next_by_subj: jetStream.deadSubject(of: group))
        do throws(TransportError) {
            let message = try await stream.ask(
                "STREAM.MSG.GET.\(jetStream.deadStream)", request, for: JetStreamWire.StoredMessage.self
            ).message
            return (message.seq, message.letter)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private func withStream<Value: Sendable>(
        _ body: (JetStream) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let connector = try NatsConnector(options: options)
        let connection = try await connector.connect(
            on: try PollLoop(), trying: connector.addresses, notices: NatsNotices { _, _ in })
        let stream = JetStream(
            options: jetStream, subjects: NatsSubjects(prefix: options.prefix), connection: connection,
            timeout: options.connectTimeout)
        let result: Result<Value, TransportError>
        do throws(TransportError) {
            result = .success(try await body(stream))
        } catch {
            result = .failure(error)
        }
        await connection.close()
        return try result.get()
    }
}

extension JetStreamWire {
    struct MessageRequest: Codable, Sendable {
        var seq: UInt64
        var next_by_subj: String?
        var no_erase: Bool?
    }

    struct SubjectsRequest: Codable, Sendable {
        var subjects_filter: String
    }

    struct SubjectsInfo: Codable, Sendable {
        struct State: Codable, Sendable {
            var subjects: [String: UInt64]?
        }

        var state: State
    }

    struct StoredMessage: Codable, Sendable {
        struct Message: Codable, Sendable {
            var subject: String
            var seq: UInt64
            /// Base 64.
            var hdrs: String?
            var data: String?
            var time: String
        }

        var message: Message
    }
}

extension JetStreamWire.StoredMessage.Message {
    fileprivate var letter: StoredDeadLetter {
        let bytes = ByteBuffer(bytes: data.flatMap { Data(base64Encoded: $0) } ?? Data())
        return StoredDeadLetter(id: String(seq), body: bytes, headers: headers)
    }

    /// Lines after the first, each a name, a colon and a value.
    private var headers: MessageHeaders {
        guard let text = hdrs.flatMap({ Data(base64Encoded: $0) }).map({ String(decoding: $0, as: UTF8.self) }) else {
            return [:]
        }
        var headers = MessageHeadersBuilder()
        for line in text.split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            headers.set(String(line[..<colon]), String(value.first == " " ? value.dropFirst() : value))
        }
        return headers.headers
    }
}
