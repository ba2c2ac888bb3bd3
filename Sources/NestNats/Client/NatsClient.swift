import CNats
import Logging
import NIOCore
import Synchronization

/// Many calls in flight over one connection, their answers in one inbox.
final class NatsClient: LoopClient {
    let loop: any ServingLoop
    let options: NatsOptions
    let subjects: NatsSubjects
    let codec = NestCodec()
    private let inbox: NatsInbox
    private let pending: PendingReplies
    private let streams = NatsStreamLines()
    private let notices: NatsNotices
    private let trouble = NatsTrouble()
    private let link: NatsLink
    private let ids = NatsIDs()
    /// Events that a stream keeps; nil without one.
    private let kept: NatsConfirmations?

    init(options: NatsOptions, environment: TransportEnvironment) throws(TransportError) {
        self.options = options
        subjects = NatsSubjects(prefix: options.prefix)
        let inbox = NatsInbox(prefix: options.inboxPrefix)
        self.inbox = inbox
        let timers = environment.eventLoopGroup.next()
        let pending = PendingReplies(eventLoop: timers, limit: options.maxPending)
        self.pending = pending
        let kept = options.jetStream.map {
            NatsConfirmations(
                of: $0, NatsInbox(prefix: options.inboxPrefix),
                PendingReplies(eventLoop: timers, limit: options.maxPending))
        }
        self.kept = kept
        notices = NatsNotices { [trouble, subjects, logger = environment.logger] status, text in
            trouble.note(status, text, logger)
            // Whoever waits for an answer to what was not let through need not wait any longer.
            guard let refusal = NatsRefusal(text), refusal.action == .publish else { return }
            for tag in subjects.tags(of: refusal.subject) {
                pending.failAll(tagged: tag, refusal.error)
                kept?.pending.failAll(tagged: tag, refusal.error)
            }
        }
        let loop = try NatsLoop.shared()
        self.loop = loop
        let receiver = NatsReplyReceiver(inbox: inbox, pending: pending, streams: streams, codec: codec)
        link = NatsLink(
            connector: try NatsConnector(options: options), loop: loop, notices: notices,
            environment: environment,
            owner: NatsLink.Owner(
                prepare: { [subjects, logger = environment.logger] connection throws(TransportError) in
                    try await options.provideStreams(subjects, over: connection, deadLetters: false, logger)
                    connection.inbox = try connection.subscribe(inbox.wildcard) { [weak connection] message in
                        receiver.receive(message) { connection }
                    }
                    try await kept?.listen(over: connection)
                    // Who may not have an inbox is told now, instead of waiting for answers that cannot come.
                    try await connection.flush(within: options.connectTimeout)
                },
                lost: { [streams] _, error in
                    streams.forgetAll()
                    pending.failAll(error)
                    kept?.pending.failAll(error)
                },
                retire: { [streams] connection in
                    let left = await streams.leave(connection, within: options.streamPatience, on: timers)
                    let error = TransportError(.disconnected, "the stream's connection made place for another one")
                    for number in left { pending.receive(.failure(error), id: number) }
                    await connection.retire([], within: options.connectTimeout)
                }))
    }

    deinit {
        failAll()
        link.abandon(Self.closed)
    }

    func connect() async throws(TransportError) {
        guard link.connection == nil else { return }
        let time = TimeAmount(options.connectTimeout) * options.servers.count
        try await link.connect(until: .now() + time + .seconds(1))
    }

    func close() async {
        failAll()
        streams.forgetAll()
        await link.close(Self.closed)
    }

    private func failAll() {
        pending.failAll(Self.closed, closing: true)
        kept?.pending.failAll(Self.closed, closing: true)
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

// MARK: - Calls

extension NatsClient {
    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        let ticket =
            if let connection = link.connection {
                try ask(message, connection)
            } else {
                try ask(message, try await link.connectionNow(until: message.deadline))
            }
        return try await pending.reply(to: ticket)
    }

    /// Sends a request; what comes of it is kept for the wait, which holds nothing of the message: hundreds of callers may
    /// wait.
    private func ask(
        _ message: OutgoingMessage, _ connection: NatsConnection
    ) throws(TransportError) -> PendingReplies.Ticket {
        try checkRoom(in: connection)
        if Task.isCancelled { throw .callerCancelled }
        let ticket = try pending.register(deadline: message.deadline, tag: NatsSubjects.tag(of: message.pattern))
        publish(message, ticket, connection)
        return ticket
    }

    private func checkRoom(in connection: NatsConnection) throws(TransportError) {
        guard !connection.hasRoom else { return }
        throw TransportError(.overloaded, "\(options.maxBufferedBytes) bytes wait to be written already")
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        let connection = try await link.connectionNow(until: message.deadline)
        try checkRoom(in: connection)
        var message = message
        message.ownHeaders[HeaderName.stream] = String(options.streamWindow)
        let source = ReplyStreamSource(window: options.streamWindow, for: message)
        let ticket = try pending.register(source, tag: NatsSubjects.tag(of: message.pattern))
        streams.open(ticket.id, over: connection)
        source.attach(actions(ticket))
        publish(message, ticket, connection)
        return ReplyStream(source)
    }

    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        if let kept, kept.events.covers(message.pattern.name) { return try await emit(message, kept) }
        if let connection = roomyConnection { return try tell(message, connection) }
        try tell(message, try await roomyConnection(for: message))
    }

    private func tell(_ message: OutgoingMessage, _ connection: NatsConnection) throws(TransportError) {
        let status = write(.emit, message, to: connection, nil)
        guard status == NATS_OK else { throw TransportError(nats: status, "sending `\(message.pattern)`") }
    }

    /// How long the stream may take to confirm an event before it is sent again: as its leader may have gone with it.
    private static let confirmationTime: TimeAmount = .seconds(2)

    /// Returns when the stream has the event. What is lost on the way is sent again under the same id, of which the
    /// stream keeps one.
    private func emit(_ message: OutgoingMessage, _ kept: NatsConfirmations) async throws(TransportError) {
        let id = ids.next()
        var backoff = ReconnectBackoff(initial: .milliseconds(20), limit: .seconds(1))
        // Of an event that is sent again the stream may say that it has it; that is about no other event.
        var confirmation = NatsInbox.Kind.repeatedConfirmation
        while true {
            let ticket =
                if let connection = roomyConnection {
                    try keep(message, as: id, kept, confirmation, connection)
                } else {
                    try keep(message, as: id, kept, confirmation, try await roomyConnection(for: message))
                }
            confirmation = .confirmation
            do throws(TransportError) {
                _ = try await kept.pending.reply(to: ticket)
                return
            } catch {
                let delay = backoff.next()
                let comesAgain: [TransportError.Code] = [.disconnected, .noResponders, .timeout]
                guard comesAgain.contains(error.code), .now() + TimeAmount(delay) < message.deadline else {
                    throw error
                }
                try await ReconnectBackoff.wait(delay)
            }
        }
    }

    /// Gives an event to the stream; what it says is kept for the wait.
    private func keep(
        _ message: OutgoingMessage, as id: NatsID, _ kept: NatsConfirmations, _ confirmation: NatsInbox.Kind,
        _ connection: NatsConnection
    ) throws(TransportError) -> PendingReplies.Ticket {
        if Task.isCancelled { throw .callerCancelled }
        let ticket = try kept.pending.register(
            deadline: min(message.deadline, .now() + Self.confirmationTime),
            tag: NatsSubjects.tag(of: message.pattern), repeats: confirmation == .repeatedConfirmation)
        let status = write(message, to: connection, Answer(number: ticket.id, kept.inbox, confirmation, id))
        if status != NATS_OK {
            kept.pending.settle(ticket.id, .failure(TransportError(nats: status, "sending `\(message.pattern)`")))
        }
        return ticket
    }

    /// The key travels as a header: groups handle the messages of a key in their order.
    private func write(_ message: OutgoingMessage, to connection: NatsConnection, _ answer: Answer) -> natsStatus {
        guard let key = message.key else { return write(.emit, message, to: connection, answer) }
        var message = message
        message.ownHeaders[HeaderName.key] = key
        return write(.emit, message, to: connection, answer)
    }

    /// The connection, when it takes an event at once.
    private var roomyConnection: NatsConnection? {
        guard let connection = link.connection, connection.hasRoom else { return nil }
        return connection
    }

    /// A connection that takes the event: waits for it, and for room in it.
    private func roomyConnection(for message: OutgoingMessage) async throws(TransportError) -> NatsConnection {
        while true {
            let connection = try await link.connectionEventually(
                until: message.deadline, bytes: message.payload.count + 256)
            if connection.hasRoom { return connection }
            try await waitForRoom(in: connection, until: message.deadline)
        }
    }

    /// Returns when there is room, or the connection is gone.
    private func waitForRoom(in connection: NatsConnection, until deadline: NIODeadline) async throws(TransportError) {
        let ticket = try pending.register(deadline: deadline)
        do throws(TransportError) {
            _ = try await pending.reply(to: ticket) {
                connection.whenRoomy { [pending] in _ = pending.settle(ticket.id, .success(.null)) }
            }
        } catch {
            guard error.code != .disconnected else { return }
            throw error
        }
    }

    private func publish(
        _ message: OutgoingMessage, _ ticket: PendingReplies.Ticket, _ connection: NatsConnection
    ) {
        let status = write(.send, message, to: connection, Answer(number: ticket.id, inbox))
        guard status != NATS_OK else { return }
        pending.settle(ticket.id, .failure(TransportError(nats: status, "sending `\(message.pattern)`")))
    }

    private func actions(_ ticket: PendingReplies.Ticket) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { [streams, codec, link] in
                if let connection = link.connection {
                    streams.tell(.credit($0), ticket.id, over: connection, codec)
                }
            },
            cancel: { [streams, codec, pending, link] hasItems in
                pending.forget(ticket)
                if hasItems, let connection = link.connection {
                    streams.tell(.cancel, ticket.id, over: connection, codec)
                }
                streams.forget(ticket.id)
            })
    }
}

// MARK: - Health

extension NatsClient {
    func health() async -> HealthStatus {
        let waiting = pending.count + (kept?.pending.count ?? 0) + link.waitingCount
        var details = ["pending": String(waiting)]
        details.merge(trouble.details) { $1 }
        if let connection = link.connection {
            details["server"] = connection.address.description
            return trouble.isRecent ? .degraded(details) : .up(details)
        }
        if let failure = link.failure { details["error"] = "\(failure)" }
        return link.isIdle ? .degraded(details) : .down(details)
    }
}
