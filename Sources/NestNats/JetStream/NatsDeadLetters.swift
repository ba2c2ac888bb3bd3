import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The dead letters of a group, for operators: look at them, have them handled again, let go of them.
///
/// Each call connects by itself.
public struct NatsDeadLetters: Sendable {
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

    /// Those there are, the oldest first, from a number on.
    public func list(from sequence: UInt64 = 1, limit: Int = 100) async throws(TransportError) -> [NatsDeadLetter] {
        try await withStream { (stream) throws(TransportError) in
            var found: [NatsDeadLetter] = []
            var next = max(1, sequence)
            while found.count < limit, let letter = try await self.letter(from: next, in: stream) {
                found.append(letter)
                next = letter.sequence + 1
            }
            return found
        }
    }

    /// One of them; nil when there is none of that number.
    public func show(_ sequence: UInt64) async throws(TransportError) -> NatsDeadLetter? {
        try await withStream { (stream) throws(TransportError) in
            guard let letter = try await self.letter(from: sequence, in: stream), letter.sequence == sequence else {
                return nil
            }
            return letter
        }
    }

    /// Puts an event back into its stream, for this group alone, and lets go of the dead letter once it is there.
    public func replay(_ letter: NatsDeadLetter) async throws(TransportError) {
        try await withStream { (stream) throws(TransportError) in
            var headers = letter.headers
            for header in letter.headers where header.name.hasPrefix("nest-dead-") { headers[header.name] = nil }
            headers[HeaderName.attempt] = nil
            headers[KeptHeader.group] = self.group
            headers[KeptHeader.id] = "replay-\(self.jetStream.deadStream)-\(letter.sequence)-\(letter.time)"
            let subject = stream.subjects.subject(of: Pattern(letter.pattern))
            try await stream.connection.store(letter.body, in: subject, headers, within: self.options.connectTimeout)
            try await self.discard(letter.sequence, in: stream)
        }
    }

    /// Lets go of one.
    public func discard(_ sequence: UInt64) async throws(TransportError) {
        try await withStream { (stream) throws(TransportError) in try await self.discard(sequence, in: stream) }
    }

    private func discard(_ sequence: UInt64, in stream: JetStream) async throws(TransportError) {
        _ = try await stream.ask(
            "STREAM.MSG.DELETE.\(jetStream.deadStream)", JetStreamWire.MessageRequest(seq: sequence, no_erase: true),
            for: JetStreamWire.Problem.self)
    }

    private func letter(from sequence: UInt64, in stream: JetStream) async throws(TransportError) -> NatsDeadLetter? {
        let request = JetStreamWire.MessageRequest(seq: sequence, next_by_subj: jetStream.deadSubject(of: group))
        do throws(TransportError) {
            return try await stream.ask(
                "STREAM.MSG.GET.\(jetStream.deadStream)", request, for: JetStreamWire.StoredMessage.self
            ).message.letter
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

/// Headers of events in a stream.
enum KeptHeader {
    /// The stream keeps one message of an id.
    static let id = "Nats-Msg-Id"
    /// The only group an event is for: it was put back for it.
    static let group = "nest-only-group"
}

extension JetStreamWire {
    struct MessageRequest: Codable, Sendable {
        var seq: UInt64
        var next_by_subj: String?
        var no_erase: Bool?
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
    fileprivate var letter: NatsDeadLetter {
        let bytes = ByteBuffer(bytes: data.flatMap { Data(base64Encoded: $0) } ?? Data())
        var pattern = ""
        var payload = try? Payload(json: bytes)
        if case .message(let message)? = try? NestCodec().readRequest(bytes, in: ByteRange(0, bytes.readableBytes)) {
            pattern = message.pattern
            payload = message.payload
        }
        return NatsDeadLetter(
            sequence: seq, time: time, pattern: pattern, payload: payload, headers: headers, body: bytes)
    }

    /// Lines after the first, each a name, a colon and a value.
    private var headers: MessageHeaders {
        guard let text = hdrs.flatMap({ Data(base64Encoded: $0) }).map({ String(decoding: $0, as: UTF8.self) }) else {
            return [:]
        }
        var headers = MessageHeaders()
        for line in text.split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            headers[String(line[..<colon])] = String(value.first == " " ? value.dropFirst() : value)
        }
        return headers
    }
}
