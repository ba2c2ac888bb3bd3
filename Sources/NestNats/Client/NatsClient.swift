import CNats
import Logging
import NIOCore
import Synchronization

/// Many calls in flight over one connection, their answers in one inbox.
final class NatsClient: TransportClient {
    private let options: NatsOptions
    private let subjects: NatsSubjects
    private let codec = NestCodec()
    private let inbox: NatsInbox
    private let pending: PendingReplies
    private let streams = NatsStreamLines()
    private let notices: NatsNotices
    private let trouble = NatsTrouble()
    private let link: NatsLink
    /// Events that a stream keeps.
    private let kept: PatternSet?

    init(options: NatsOptions, environment: TransportEnvironment) throws(TransportError) {
        self.options = options
        subjects = NatsSubjects(prefix: options.prefix)
        let inbox = NatsInbox(prefix: options.inboxPrefix)
        self.inbox = inbox
        let pending = PendingReplies(eventLoop: environment.eventLoopGroup.next(), limit: options.maxPending)
        self.pending = pending
        notices = NatsNotices { [trouble, logger = environment.logger] in trouble.note($0, $1, logger) }
        let kept = options.jetStream.map { PatternSet($0.subjects.map { Pattern($0) }) }
        self.kept = kept
        let receiver = NatsReplyReceiver(inbox: inbox, pending: pending, streams: streams, codec: codec)
        link = NatsLink(
            connector: try NatsConnector(options: options), loop: try PollLoop(), notices: notices,
            environment: environment,
            owner: NatsLink.Owner(
                prepare: { [subjects, logger = environment.logger] connection throws(TransportError) in
                    try await options.provideStreams(subjects, over: connection, deadLetters: false, logger)
                    connection.inbox = try connection.subscribe(inbox.wildcard) { [weak connection] message in
                        receiver.receive(message, over: connection)
                    }
                    // Who may not have an inbox is told now, instead of waiting for answers that cannot come.
                    try await connection.flush(within: options.connectTimeout)
                },
                lost: { [streams] error in
                    streams.forgetAll()
                    pending.failAll(error)
                }))
    }

    deinit {
        pending.failAll(Self.closed, closing: true)
        link.abandon(Self.closed)
    }

    func connect() async throws(TransportError) {
        guard link.connection == nil else { return }
        let time = TimeAmount(options.connectTimeout) * options.servers.count
        try await link.connect(until: .now() + time + .seconds(1))
    }

    func close() async {
        pending.failAll(Self.closed, closing: true)
        await link.close(Self.closed)
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

// MARK: - Calls

extension NatsClient {
    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        let connection = try await connection(for: message)
        let ticket = try pending.register(deadline: message.deadline)
        return try await pending.reply(to: ticket) { publish(message, ticket, connection) }
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        let connection = try await connection(for: message)
        var message = message
        message.ownHeaders[HeaderName.stream] = String(options.streamWindow)
        let source = ReplyStreamSource(window: options.streamWindow, deadline: message.streamDeadline)
        let ticket = try pending.register(source)
        streams.open(ticket.id)
        source.attach(actions(ticket, connection, patience: message.deadline - .now()))
        publish(message, ticket, connection)
        return ReplyStream(source)
    }

    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        if let kept, kept.covers(message.pattern.name) { return try await emitKept(message) }
        let connection = try await roomyConnection(for: message)
        let status = write(.emit, message, to: connection, reply: nil)
        guard status == NATS_OK else { throw TransportError(nats: status, "sending `\(message.pattern)`") }
    }

    /// Returns when the stream has the event. What is lost on the way is sent again under the same id, of which the
    /// stream keeps one.
    private func emitKept(_ message: OutgoingMessage) async throws(TransportError) {
        var message = message
        let id = NatsInbox.newID()
        message.ownHeaders[KeptHeader.id] = id
        message.ownHeaders[HeaderName.messageID] = id
        if let key = message.key { message.ownHeaders[HeaderName.key] = key }
        var backoff = ReconnectBackoff(initial: .milliseconds(20), limit: .seconds(1))
        while true {
            let connection = try await roomyConnection(for: message)
            do throws(TransportError) {
                let ticket = try pending.register(deadline: message.deadline)
                _ = try await pending.reply(to: ticket) { publish(message, ticket, connection, kept: true) }
                return
            } catch {
                let delay = backoff.next()
                let comesAgain = error.code == .disconnected || error.code == .noResponders
                guard comesAgain, .now() + TimeAmount(delay) < message.deadline else { throw error }
                try await pause(delay)
            }
        }
    }

    private func pause(_ delay: Duration) async throws(TransportError) {
        do {
            try await Task.sleep(for: delay)
        } catch {
            throw TransportError(.cancelled, "the caller was cancelled")
        }
    }

    @inline(__always)
    private func connection(for message: OutgoingMessage) async throws(TransportError) -> NatsConnection {
        let connection = try await link.connectionNow(until: message.deadline)
        guard connection.hasRoom else {
            throw TransportError(.overloaded, "\(options.maxBufferedBytes) bytes wait to be written already")
        }
        return connection
    }

    /// A connection that takes the event: waits for it, and for room in it.
    @inline(__always)
    private func roomyConnection(for message: OutgoingMessage) async throws(TransportError) -> NatsConnection {
        if let connection = link.connection, connection.hasRoom { return connection }
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
        _ message: OutgoingMessage, _ ticket: PendingReplies.Ticket, _ connection: NatsConnection, kept: Bool = false
    ) {
        let status = write(kept ? .emit : .send, message, to: connection, reply: ticket.id, isKept: kept)
        guard status != NATS_OK else { return }
        pending.settle(ticket.id, .failure(TransportError(nats: status, "sending `\(message.pattern)`")))
    }

    private func actions(
        _ ticket: PendingReplies.Ticket, _ connection: NatsConnection, patience: TimeAmount
    ) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { [streams, codec] in streams.tell(.credit($0), ticket.id, over: connection, codec) },
            cancel: { [streams, codec, pending] hasItems in
                pending.forget(ticket)
                if hasItems { streams.tell(.cancel, ticket.id, over: connection, codec) }
                streams.forget(ticket.id)
            },
            wait: { [pending] in pending.setDeadline(.now() + patience, id: ticket.id) })
    }
}

// MARK: - Writing

extension NatsClient {
    private func write(
        _ kind: MessageKind, _ message: OutgoingMessage, to connection: NatsConnection, reply: UInt64?,
        isKept: Bool = false
    ) -> natsStatus {
        var message = message
        let headers = carry(&message)
        var body = ByteBuffer()
        if options.sendsBarePayload {
            body = message.payload.buffer
        } else {
            codec.write(OutboundRequest(kind: kind, message: message), to: &body)
        }
        guard body.readableBytes <= connection.maxPayload else { return NATS_MAX_PAYLOAD }
        return subjects.withSubject(of: message.pattern) { subject in
            body.withUnsafeReadableBytes { body in
                guard let reply else { return connection.publish(body, to: subject, headers: headers) }
                return inbox.withSubject(reply, isConfirmation: isKept) {
                    connection.publish(body, to: subject, reply: $0, headers: headers)
                }
            }
        }
    }

    /// The headers that travel as the broker's own; they are taken out of the message. The time left travels in the
    /// envelope, where it costs nothing.
    @inline(__always)
    private func carry(_ message: inout OutgoingMessage) -> MessageHeaders {
        guard !message.ownHeaders.isEmpty || options.sendsBarePayload else { return [:] }
        return carryAll(&message)
    }

    private func carryAll(_ message: inout OutgoingMessage) -> MessageHeaders {
        if options.sendsBarePayload {
            return MessageHeaders(message.headers.filter(\.fitsNats).map { ($0.name, $0.value) })
        }
        let fitting = message.ownHeaders.filter(\.fitsNats)
        for header in fitting { message.ownHeaders[header.name] = nil }
        return MessageHeaders(fitting.map { ($0.name, $0.value) })
    }
}

extension MessageHeaders.Entry {
    /// NATS headers are lines: names without colons and white space, values without line breaks and outer spaces.
    fileprivate var fitsNats: Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && !value.utf8.contains { $0 < 0x20 || $0 == 0x7F } && value.utf8.first != 0x20 && value.utf8.last != 0x20
    }
}

// MARK: - Health

extension NatsClient {
    func health() async -> HealthStatus {
        var details = ["pending": String(pending.count + link.waitingCount)]
        details.merge(trouble.details) { $1 }
        if let connection = link.connection {
            details["server"] = connection.address.description
            return trouble.isRecent ? .degraded(details) : .up(details)
        }
        if let failure = link.failure { details["error"] = "\(failure)" }
        return link.isIdle ? .degraded(details) : .down(details)
    }
}
