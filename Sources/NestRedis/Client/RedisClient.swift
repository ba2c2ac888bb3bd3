import Logging
import NIOCore
import Synchronization

/// Many calls in flight over one connection for commands, their answers over another that subscribes.
final class RedisClient: TransportClient {
    let options: RedisOptions
    let keys: RedisKeys
    let codec = NestCodec()
    let inbox: RedisInbox
    /// What reads answers that wait in a list; nil when all come over the channel.
    private let list: RedisReplyList?
    let pending: PendingReplies
    /// Where its requests wait.
    let requests: String
    /// Where its events go.
    let events: String
    /// What requests without headers, and events with nothing but their id, begin with.
    let requestHead: ByteBuffer
    let eventHead: ByteBuffer
    private let connector: RedisConnector
    private let trouble: RedisTrouble
    private let link: BrokerLink<RedisSession>
    /// The first half of the ids of its messages, and how many it has given.
    let origin = ByteBuffer(string: UniqueName.new() + "-")
    private let messages = Atomic(0)
    let upkeep: RedisUpkeep

    init(options: RedisOptions, environment: TransportEnvironment) throws(TransportError) {
        self.options = options
        upkeep = RedisUpkeep(options)
        let keys = RedisKeys(prefix: options.prefix)
        self.keys = keys
        requests = keys.requests(options.queue ?? environment.queue)
        events = keys.events
        requestHead = Self.head(requests, 5)
        eventHead = Self.head(events, 7)
        let inbox = RedisInbox(keys, mode: options.mode, replies: options.replies)
        self.inbox = inbox
        let loop = environment.eventLoopGroup.next()
        let pending = PendingReplies(eventLoop: loop, limit: options.maxPending)
        self.pending = pending
        let trouble = RedisTrouble(environment.logger)
        self.trouble = trouble
        let connector = try RedisConnector(options, loop: loop)
        self.connector = connector
        let up = RedisRefusals()
        let succession = RedisSuccession(keys)
        let receiver = RedisReplyReceiver(inbox: inbox, pending: pending, codec: codec) { up.refuse($0) }
        let list = Self.list(inbox, options, loop, trouble, receiver)
        self.list = list
        let plan = RedisSession.Plan(
            commands: RedisConnection.Owner(
                settle: { pending.settle($0, $1) }, refused: { trouble.note($0) }),
            messages: { receiver.receive($0) }, readers: list == nil ? 0 : 1)
        link = BrokerLink(
            BrokerLinkSettings(redis: options), environment: environment,
            owner: BrokerLink.Owner(
                prepare: { session throws(TransportError) in
                    try await succession.prepare(session, within: options.connectTimeout) { () throws(TransportError) in
                        // Who may not have an inbox is told now, instead of waiting for answers that cannot come.
                        try await inbox.subscribe(to: session, within: options.connectTimeout)
                        try await list?.prepare(session)
                    }
                    list?.begin(session)
                    up.connected(session)
                },
                lost: { _, error in
                    let streams = pending.streams
                    up.broke(streams)
                    guard let list else { return pending.failAll(error) }
                    // Calls that Redis has confirmed wait on, and so do their answers.
                    list.lost()
                    for id in streams { pending.settle(id, .failure(error)) }
                },
                retire: { await $0.retire(within: options.retirement) }),
            connect: { () throws(TransportError) in try await connector.session(plan) })
        up.bind { [weak self] in self?.tell(.cancel, $0, over: $1) }
    }

    deinit {
        pending.failAll(Self.closed, closing: true)
        link.abandon(Self.closed)
    }

    func connect() async throws(TransportError) {
        guard link.connection == nil else { return }
        try await link.connect(until: .now() + TimeAmount(connector.patience) + .seconds(1))
    }

    func close() async {
        pending.failAll(Self.closed, closing: true)
        // Nobody comes for what is left in it.
        if let list { link.connection?.commands.send(["DEL", list.key]) }
        await link.close(Self.closed)
    }

    /// The list that answers wait in, where the options say so.
    private static func list(
        _ inbox: RedisInbox, _ options: RedisOptions, _ loop: any EventLoop, _ trouble: RedisTrouble,
        _ receiver: RedisReplyReceiver
    ) -> RedisReplyList? {
        guard let key = inbox.list, let expiry = options.replies.expiry else { return nil }
        return RedisReplyList(key, expiry: expiry, options, loop: loop, refused: { trouble.note($0) }) {
            receiver.take($0.head.range, in: $0)
        }
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

// MARK: - Calls

extension RedisClient {
    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        while true {
            let session = try await session(for: message)
            let ticket = try pending.register(deadline: message.deadline)
            do throws(TransportError) {
                return try await pending.reply(to: ticket) { publish(message, ticket, session) }
            } catch {
                guard error == RedisConnection.takenOver, .now() < message.deadline else { throw error }
            }
        }
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        let session = try await session(for: message)
        var message = message
        message.ownHeaders[HeaderName.stream] = String(options.streamWindow)
        let source = ReplyStreamSource(window: options.streamWindow, for: message)
        let ticket = try pending.register(source)
        source.attach(actions(ticket))
        publish(message, ticket, session)
        return ReplyStream(source)
    }

    /// Returns when Redis has it. What is lost on the way is sent again with the same message id.
    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        try checkSize(message)
        let number = options.mode == .pubSub ? 0 : messages.add(1, ordering: .relaxed).newValue
        var backoff: ReconnectBackoff?
        while true {
            let session = try await roomySession(for: message)
            do throws(TransportError) {
                let ticket = try pending.register(deadline: message.deadline)
                _ = try await pending.reply(to: ticket) { store(message, number, ticket, session) }
                return
            } catch {
                if error == RedisConnection.takenOver, .now() < message.deadline { continue }
                let delay = Self.next(&backoff)
                guard error.code == .disconnected, options.mode != .pubSub else { throw error }
                guard .now() + TimeAmount(delay) < message.deadline else { throw error }
                try await ReconnectBackoff.wait(delay)
            }
        }
    }

    /// Made for the few that have to be sent again.
    private static func next(_ backoff: inout ReconnectBackoff?) -> Duration {
        var next = backoff ?? ReconnectBackoff(initial: .milliseconds(20), limit: .seconds(1))
        defer { backoff = next }
        return next.next()
    }

    @inline(__always)
    private func session(for message: OutgoingMessage) async throws(TransportError) -> RedisSession {
        try checkSize(message)
        let session = try await link.connectionNow(until: message.deadline)
        guard session.commands.output.hasRoom else {
            throw TransportError(.overloaded, "\(options.maxBufferedBytes) bytes wait to be written already")
        }
        return session
    }

    /// A session that takes the event: waits for it, and for room in it.
    @inline(__always)
    private func roomySession(for message: OutgoingMessage) async throws(TransportError) -> RedisSession {
        if let session = link.connection, session.commands.output.hasRoom { return session }
        while true {
            let session = try await link.connectionEventually(
                until: message.deadline, bytes: message.payload.count + 256)
            if session.commands.output.hasRoom { return session }
            try await waitForRoom(in: session, until: message.deadline)
        }
    }

    /// Returns when there is room, or the connection is gone.
    private func waitForRoom(in session: RedisSession, until deadline: NIODeadline) async throws(TransportError) {
        let ticket = try pending.register(deadline: deadline)
        do throws(TransportError) {
            _ = try await pending.reply(to: ticket) {
                session.commands.output.whenRoomy { [pending] in _ = pending.settle(ticket.id, .success(.null)) }
            }
        } catch {
            guard error.code != .disconnected else { return }
            throw error
        }
    }

    private func checkSize(_ message: OutgoingMessage) throws(TransportError) {
        guard message.payload.count <= options.maxMessageBytes else {
            throw TransportError(
                .tooLarge, "the message is larger than \(options.maxMessageBytes) bytes, the limit of its client")
        }
    }

    private func actions(_ ticket: PendingReplies.Ticket) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { [weak self] in self?.tell(.credit($0), ticket.id) },
            cancel: { [weak self, pending] hasItems in
                pending.forget(ticket)
                if hasItems { self?.tell(.cancel, ticket.id) }
            })
    }

    /// Says something to the writer of a stream. When nobody hears it, the writer is gone, and so is the stream.
    private func tell(_ control: StreamControl, _ id: UInt64, over session: RedisSession? = nil) {
        guard let commands = (session ?? link.connection)?.commands else { return }
        var body = ByteBuffer()
        codec.write(control, id: id, to: &body)
        let gone = TransportError(.disconnected, "the service that sent the stream is gone")
        let expected = RedisExpected.reply { [pending] reply in
            guard case .success(let reply) = reply, reply.integer == 0 else { return }
            // Its last word may be under way.
            commands.loop.scheduleTask(in: .seconds(1)) { pending.settle(id, .failure(gone)) }
        }
        commands.send(expected) { bytes, _ in
            bytes.beginCommand(3)
            bytes.writeArgument("PUBLISH" as StaticString)
            bytes.writeArgument(inbox.control(for: id))
            bytes.writeArgument(body)
        }
    }
}

// MARK: - Health

extension RedisClient {
    func health() async -> HealthStatus {
        var details = ["pending": String(pending.count + link.waitingCount)]
        details.merge(trouble.details) { $1 }
        if let session = link.connection {
            details["server"] = session.summary
            return trouble.isRecent ? .degraded(details) : .up(details)
        }
        if let failure = link.failure { details["error"] = "\(failure)" }
        return link.isIdle ? .degraded(details) : .down(details)
    }
}
