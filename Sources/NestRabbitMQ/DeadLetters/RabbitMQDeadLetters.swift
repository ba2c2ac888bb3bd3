import NIOCore

/// The dead letters of a group, for operators: look at them, have them handled again, let go of them.
///
/// Each call connects by itself. A queue can only be looked at by taking from it: while a call runs, others do not find
/// what it has taken, and two at the same time see different parts of the queue.
public struct RabbitMQDeadLetters: DeadLetters {
    /// How long the answer to a request that is replayed may take, and the confirmation of an event.
    public var replyTimeout: Duration = .seconds(5)
    private let options: RabbitMQOptions
    private let queue: String

    /// The dead letters of a group. Throws `invalid_configuration` for options that cannot work.
    public init(_ options: RabbitMQOptions, group: String) throws(TransportError) {
        try options.validate()
        self.options = options
        queue = RabbitMQNames(options).deadLetters(of: group)
    }

    /// How many there are.
    public func count() async throws(TransportError) -> Int {
        try await withSession { (session) throws(TransportError) in
            try await session.state(of: self.queue)?.messages ?? 0
        }
    }

    /// Those there are, the oldest first.
    public func list(after cursor: String?, limit: Int) async throws(TransportError) -> DeadLetterPage {
        try await withSession { (session) throws(TransportError) in
            var page = DeadLetterPage([], next: nil)
            var isPast = cursor == nil
            try await self.look(session) { message in
                let id = Self.id(of: message)
                guard isPast else {
                    isPast = id == cursor
                    return .next
                }
                guard page.letters.count < max(0, limit) else {
                    page.next = page.letters.last?.id ?? cursor
                    return .stop
                }
                page.letters.append(Self.letter(message, id))
                return .next
            }
            return page
        }
    }

    /// One of them; nil when there is none of that id.
    public func show(_ id: String) async throws(TransportError) -> StoredDeadLetter? {
        try await withSession { (session) throws(TransportError) in
            var found: StoredDeadLetter?
            try await self.look(session) { message in
                guard Self.id(of: message) == id else { return .next }
                found = Self.letter(message, id)
                return .stop
            }
            return found
        }
    }

    /// Puts events back into the queue they came from, and sends requests to the queue of the service. A letter goes once
    /// the broker has confirmed the event, or the request was answered with success.
    public func replay(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await forEach(ids, missing: .failure(Self.missing)) { (message, session) throws(TransportError) in
            try await self.replay(message, session)
            session.acknowledge(message)
        }
    }

    /// Lets go of letters.
    public func discard(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await forEach(ids, missing: .success(())) { (message, session) throws(TransportError) in
            session.acknowledge(message)
        }
    }

    private static let missing = TransportError(.notFound, "there is no such dead letter")
}

// MARK: - Looking

extension RabbitMQDeadLetters {
    private enum Step {
        case next, stop
    }

    private func withSession<Value: Sendable>(
        _ body: (RabbitMQSession) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        try await RabbitMQSession.run(options, as: "dead letters", body)
    }

    /// Takes one after another, those only that are there now. What is not acknowledged goes back when the session ends.
    private func look(
        _ session: RabbitMQSession, _ body: (AMQPMessage) async throws(TransportError) -> Step
    ) async throws(TransportError) {
        guard let state = try await session.state(of: queue) else { return }
        for _ in 0..<state.messages {
            guard let message = try await session.take(from: queue) else { return }
            if try await body(message) == .stop { return }
        }
    }

    /// Does something to the letters of these ids, in the order in which they lie in the queue.
    private func forEach(
        _ ids: [String], missing: Result<Void, TransportError>,
        _ body: (AMQPMessage, RabbitMQSession) async throws(TransportError) -> Void
    ) async throws(TransportError) -> DeadLetterResult {
        try await withSession { (session) throws(TransportError) in
            var (wanted, result) = (Set(ids), DeadLetterResult())
            try await self.look(session) { (message) throws(TransportError) in
                guard let id = wanted.remove(Self.id(of: message)) else { return .next }
                do throws(TransportError) {
                    if Task.isCancelled { throw .callerCancelled }
                    try await body(message, session)
                    result.succeeded += 1
                } catch {
                    result.failures[id] = error
                    if error.code == .disconnected { throw error }
                }
                return wanted.isEmpty ? .stop : .next
            }
            for id in wanted {
                switch missing {
                case .success: result.succeeded += 1
                case .failure(let error): result.failures[id] = error
                }
            }
            return result
        }
    }
}

// MARK: - One letter

extension RabbitMQDeadLetters {
    /// What a letter is called: ours have a name of their own. What the broker itself has moved is known by its message
    /// id, or by what it holds.
    static func id(of message: AMQPMessage) -> String {
        if let id = message.properties.headers[HeaderMapping.deadID]?.text { return id }
        guard message.properties.messageID.isEmpty else { return "message-\(message.properties.messageID)" }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in message.body.readableBytesView { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "body-\(String(hash, radix: 16))"
    }

    private static func letter(_ message: AMQPMessage, _ id: String) -> StoredDeadLetter {
        var headers = HeaderMapping.headers(message.properties.headers)
        headers[HeaderMapping.deadID] = nil
        for (name, value) in brokersNotes(message) where headers[name] == nil { headers[name] = value }
        return StoredDeadLetter(id: id, body: message.body, headers: headers)
    }

    /// The provenance of what the broker itself has given up.
    private static func brokersNotes(_ message: AMQPMessage) -> [(String, String)] {
        let headers = message.properties.headers
        guard let reason = headers["x-first-death-reason"]?.text else { return [] }
        return [
            (HeaderName.deadReason, reason),
            (HeaderName.deadError, "the broker gave the message up: \(reason)"),
            (HeaderName.deadSource, headers["x-first-death-queue"]?.text ?? ""),
        ]
    }

    private func replay(_ message: AMQPMessage, _ session: RabbitMQSession) async throws(TransportError) {
        let letter = Self.letter(message, "")
        guard let kind = letter.kind else {
            throw TransportError(.invalidMessage, "the dead letter is no message: nobody can handle it")
        }
        guard let source = letter.source, !source.isEmpty else {
            throw TransportError(.invalidMessage, "the dead letter does not say which queue it came from")
        }
        var properties = message.properties
        properties.headers = HeaderMapping.table(letter.originalHeaders)
        properties.replyTo = ""
        properties.expiration = nil
        let deadline = NIODeadline.now() + TimeAmount(replyTimeout)
        if kind == .send {
            _ = try await session.ask(message.body, properties, at: source, until: deadline)
        } else {
            try await session.put(message.body, properties, into: source, until: deadline)
        }
    }
}
