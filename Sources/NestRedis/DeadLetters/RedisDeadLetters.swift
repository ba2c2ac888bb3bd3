import NIOCore

/// The dead letters of a group, for operators: look at them, have them handled again, let go of them.
///
/// They stand in a stream, with lists as well. Ids are those of its entries. Each call connects by itself.
public struct RedisDeadLetters: DeadLetters {
    /// How long the answer to a request that is replayed may take.
    public var replyTimeout: Duration = .seconds(5)
    private let options: RedisOptions
    private let keys: RedisKeys
    private let group: String
    private let key: String

    /// The dead letters of a group. Throws `invalid_configuration` with ``RedisMode/pubSub``, which keeps nothing.
    public init(_ options: RedisOptions, group: String) throws(TransportError) {
        try options.validate()
        guard options.mode != .pubSub else {
            throw TransportError(.invalidConfiguration, "publish and subscribe keeps no dead letters")
        }
        self.options = options
        self.group = group
        keys = RedisKeys(prefix: options.prefix)
        key = keys.dead(group)
    }

    /// How many there are.
    public func count() async throws(TransportError) -> Int {
        try await withCommands { (commands) throws(TransportError) in
            Int(try await self.ask(["XLEN", self.key], commands).integer ?? 0)
        }
    }

    /// Those there are, the oldest first.
    public func list(after cursor: String?, limit: Int) async throws(TransportError) -> DeadLetterPage {
        guard limit > 0 else { return DeadLetterPage([], next: cursor) }
        let start = try cursor.map { (cursor) throws(TransportError) in "(" + (try Self.checked(cursor)) } ?? "-"
        return try await withCommands { (commands) throws(TransportError) in
            let command = ["XRANGE", self.key, start, "+", "COUNT", String(limit + 1)]
            let letters = try await self.ask(command, commands).elements.compactMap(Self.letter)
            let page = Array(letters.prefix(limit))
            return DeadLetterPage(page, next: letters.count > limit ? page.last?.id : nil)
        }
    }

    /// One of them; nil when there is none of that id.
    public func show(_ id: String) async throws(TransportError) -> StoredDeadLetter? {
        let id = try Self.checked(id)
        return try await withCommands { (commands) throws(TransportError) in try await self.letter(id, commands) }
    }

    /// Puts events back, for this group alone, and sends requests to those who serve them now. An event and its letter
    /// change places in one step; the letter of a request goes once it was answered with success.
    public func replay(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await withCommands { (commands) throws(TransportError) in
            await DeadLetterResult.of(ids) { (id) throws(TransportError) in
                let id = try Self.checked(id)
                guard let letter = try await self.letter(id, commands) else {
                    throw TransportError(.notFound, "there is no dead letter \(id)")
                }
                try await self.replay(letter, commands)
            }
        }
    }

    /// Lets go of letters.
    public func discard(_ ids: [String]) async throws(TransportError) -> DeadLetterResult {
        try await withCommands { (commands) throws(TransportError) in
            await DeadLetterResult.of(ids) { (id) throws(TransportError) in
                _ = try await self.ask(["XDEL", self.key, Self.checked(id)], commands)
            }
        }
    }
}

// MARK: - One letter

extension RedisDeadLetters {
    private func replay(_ letter: StoredDeadLetter, _ commands: RedisConnection) async throws(TransportError) {
        guard let kind = letter.kind, let payload = letter.payload else {
            throw TransportError(.invalidMessage, "dead letter \(letter.id) is no message: nobody can handle it")
        }
        var message = OutgoingMessage(
            pattern: Pattern(letter.pattern), payload: payload, headers: letter.originalHeaders,
            deadline: .now() + TimeAmount(replyTimeout))
        message.key = message.ownHeaders[HeaderName.key]
        if kind == .send {
            try await send(message, letter)
            return _ = try await ask(["XDEL", key, letter.id], commands)
        }
        message.ownHeaders[RedisHeader.onlyGroup] = group
        _ = try await ask(script(message, letter).command, commands)
    }

    private func script(_ message: OutgoingMessage, _ letter: StoredDeadLetter) -> RedisScript {
        guard options.mode == .streams else {
            let element = envelope(message)
            return RedisScript.replay.with([key, keys.events(of: group)], [letter.id, "list", element])
        }
        var plain = message
        plain.ownHeaders = [:]
        let headers = message.ownHeaders.flatMap { [$0.name, $0.value] }
        return RedisScript.replay.with(
            [key, keys.events], [letter.id, "stream", RedisField.message, envelope(plain)] + headers)
    }

    private func envelope(_ message: OutgoingMessage) -> String {
        var body = ByteBuffer()
        NestCodec().write(OutboundRequest(kind: .emit, message: message), to: &body)
        return String(buffer: body)
    }

    /// To the queue it came from. Throws what it is answered with unless that is success.
    private func send(_ message: OutgoingMessage, _ letter: StoredDeadLetter) async throws(TransportError) {
        var options = options
        options.queue = queue(of: letter) ?? options.queue ?? group
        let client = try RedisClient(options: options, environment: .quiet)
        let result: Result<Payload, TransportError>
        do throws(TransportError) {
            result = .success(try await client.send(message))
        } catch {
            result = .failure(error)
        }
        await client.close()
        _ = try result.get()
    }

    /// Its source is the key of the queue, with streams followed by the id of the entry.
    private func queue(of letter: StoredDeadLetter) -> String? {
        let source = letter.source ?? ""
        let prefix = keys.requests("")
        guard source.hasPrefix(prefix) else { return nil }
        let queue = source.dropFirst(prefix.count)
        return String(options.mode == .streams ? queue.prefix { $0 != " " } : queue)
    }

    private func letter(_ id: String, _ commands: RedisConnection) async throws(TransportError) -> StoredDeadLetter? {
        try await ask(["XRANGE", key, id, id], commands).elements.first.flatMap(Self.letter)
    }

    private static func letter(_ reply: RedisReply) -> StoredDeadLetter? {
        var cursor = reply.cursor
        guard let entry = RedisEntry(&cursor, source: 0) else { return nil }
        let body = entry.body.flatMap { reply.bytes.getSlice(at: $0.start, length: Int($0.length)) }
        return StoredDeadLetter(id: entry.id.text, body: body ?? ByteBuffer(), headers: entry.headers(in: reply).all)
    }

    private static func checked(_ id: String) throws(TransportError) -> String {
        var text = id
        guard let number = text.withUTF8({ RedisDelivery.ID(UnsafeRawBufferPointer($0), source: 0) }) else {
            throw TransportError(.invalidConfiguration, "`\(id)` is no id of a dead letter: they are like 1700-0")
        }
        return number.text
    }
}

// MARK: - Its connection

extension RedisDeadLetters {
    private func ask(_ command: [String], _ commands: RedisConnection) async throws(TransportError) -> RedisReply {
        try await commands.ask(command, "looking after dead letters", within: options.connectTimeout)
    }

    private func withCommands<Value: Sendable>(
        _ body: (RedisConnection) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let connector = try RedisConnector(options, loop: TransportEnvironment.quiet.eventLoopGroup.next())
        let session = try await connector.session(RedisSession.Plan())
        let result: Result<Value, TransportError>
        do throws(TransportError) {
            result = .success(try await body(session.commands))
        } catch {
            result = .failure(error)
        }
        await session.close()
        return try result.get()
    }
}
