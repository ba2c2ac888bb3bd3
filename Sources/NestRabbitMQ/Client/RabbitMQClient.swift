import Logging
import NIOCore
import Synchronization

/// Many calls in flight over one connection: requests and their answers on one channel, events and their confirmations on
/// another.
final class RabbitMQClient: TransportClient {
    private let options: RabbitMQOptions
    private let names: RabbitMQNames
    private let codec = NestCodec()
    private let loop: any EventLoop
    private let pending: PendingReplies
    private let link: BrokerLink<ClientLine>
    private let retiring: RetiringLines

    init(options: RabbitMQOptions, environment: TransportEnvironment) throws(TransportError) {
        self.options = options
        let names = RabbitMQNames(options)
        self.names = names
        let loop = environment.eventLoopGroup.next()
        self.loop = loop
        let pending = PendingReplies(eventLoop: loop, limit: options.maxPending)
        self.pending = pending
        let connector = try RabbitMQConnector(options: options, loop: loop)
        let exchange = options.queues.createsQueues ? names.events : nil
        let retiring = RetiringLines()
        self.retiring = retiring
        let refusals = RefusalWatch<ClientLine>(on: loop)
        link = BrokerLink(
            BrokerLinkSettings(options), environment: environment,
            owner: BrokerLink.Owner(
                prepare: { line throws(TransportError) in try await line.prepare(exchange: exchange) },
                lost: { _, _ in },
                retire: { line in await retiring.retire(line, streamPatience: options.streamPatience) })
        ) { () throws(TransportError) in
            let line = ClientLine(try await connector.connect(as: "client"), options, pending)
            line.whenRefused { [weak line] in if let line { refusals.refused(line) } }
            return line
        }
        refusals.replace = { [weak link] in link?.replace($0) }
    }

    deinit {
        pending.failAll(Self.closed, closing: true)
        link.abandon(Self.closed)
    }

    func connect() async throws(TransportError) {
        guard link.connection == nil else { return }
        let time = TimeAmount(options.connectTimeout) * max(1, options.servers.count)
        try await link.connect(until: .now() + time + TimeAmount(options.operationTimeout))
    }

    func close() async {
        pending.failAll(Self.closed, closing: true)
        retiring.end()
        await link.close(Self.closed)
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

// MARK: - Calls

extension RabbitMQClient {
    /// A request that the broker refuses is in no queue: it is sent again, as an event is.
    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        var backoff = Self.refusalBackoff
        var wasRefused = false
        while true {
            let line = try await link.connectionNow(until: message.deadline)
            let ticket = try pending.register(deadline: message.deadline, tag: line.number)
            do throws(TransportError) {
                return try await pending.reply(to: ticket) {
                    let request = request(message, ticket)
                    onLoop { line.ask(request) }
                }
            } catch {
                guard error == RabbitMQPublisher.refusal else { throw explained(error, wasRefused: wasRefused) }
                wasRefused = true
                try await pause(after: error, backoff.next(), until: message.deadline)
            }
        }
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        let line = try await link.connectionNow(until: message.deadline)
        var message = message
        message.ownHeaders[HeaderName.stream] = String(options.streamWindow)
        let source = ReplyStreamSource(window: options.streamWindow, for: message)
        let ticket = try pending.register(source, tag: line.number)
        let parcel = request(message, ticket)
        source.attach(actions(ticket, line))
        onLoop { line.openStream(parcel) }
        return ReplyStream(source)
    }

    /// Returns when the broker has the event. What is lost on the way is sent again under the same message id, and so is what
    /// the broker refuses: a quorum queue that has lost its leader takes nothing until there is another one.
    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        let key = try eventKey(of: message)
        let id = UniqueName.new()
        var backoff = Self.refusalBackoff
        var wasRefused = false
        while true {
            let line = try await lineEventually(for: message)
            do throws(TransportError) {
                let ticket = try pending.register(deadline: message.deadline, tag: line.number)
                _ = try await pending.reply(to: ticket) {
                    let parcel = event(message, key, id, ticket)
                    onLoop { line.events.publish(parcel) }
                }
                return
            } catch {
                let isRefused = error == RabbitMQPublisher.refusal
                guard isRefused || error.code == .disconnected else { throw explained(error, wasRefused: wasRefused) }
                wasRefused = wasRefused || isRefused
                try await pause(after: error, backoff.next(), until: message.deadline)
            }
        }
    }

    /// The connection, which is nearly always there.
    @inline(__always)
    private func lineEventually(for message: OutgoingMessage) async throws(TransportError) -> ClientLine {
        if let line = link.connection { return line }
        return try await link.connectionEventually(
            until: message.deadline, bytes: message.payload.buffer.readableBytes + 256)
    }

    /// The waits before what was refused is sent again.
    private static let refusalBackoff = ReconnectBackoff(initial: .milliseconds(20), limit: .seconds(1))

    /// Waits before another try; throws what the last one came to when there is no time for that.
    private func pause(
        after error: TransportError, _ delay: Duration, until deadline: NIODeadline
    ) async throws(TransportError) {
        guard .now() + TimeAmount(delay) < deadline else { throw error }
        try await ReconnectBackoff.wait(delay)
    }

    /// A call that timed out while the broker took nothing says so, and one whose last try was still under way when its time
    /// was over says what became of those before.
    private func explained(_ error: TransportError, wasRefused: Bool) -> TransportError {
        guard error.code == .timeout else { return error }
        if wasRefused { return RabbitMQPublisher.refusal }
        guard let reason = link.connection?.connection.blockedReason.withLock({ $0 }) else { return error }
        return TransportError(.timeout, "the broker takes no messages at present (\(reason))")
    }

    private func actions(_ ticket: PendingReplies.Ticket, _ line: ClientLine) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { [loop] count in loop.execute { line.tell(.credit(count), ticket.id) } },
            cancel: { [loop, pending] hasItems in
                pending.forget(ticket)
                loop.execute {
                    if hasItems { line.tell(.cancel, ticket.id) }
                    line.closeStream(ticket.id)
                }
            })
    }
}

// MARK: - Writing

extension RabbitMQClient {
    private func onLoop(_ body: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { body() } else { loop.execute(body) }
    }

    /// What stands beside every message of ours.
    private func properties(
        of message: inout OutgoingMessage, _ ticket: PendingReplies.Ticket, messageID: String
    ) -> AMQPProperties {
        var properties = AMQPProperties.json
        properties.headers = HeaderMapping.carry(&message)
        properties.messageID = messageID
        properties.correlationID = String(ticket.id)
        properties.priority = message.priority
        return properties
    }

    /// A request: it waits in the service's queue as long as its caller waits for the answer.
    private func request(_ message: OutgoingMessage, _ ticket: PendingReplies.Ticket) -> Parcel {
        var message = message
        var properties = properties(of: &message, ticket, messageID: UniqueName.new())
        properties.replyTo = ClientLine.replyTo
        properties.expiration = max(1, message.millisecondsLeft())
        var body = ByteBuffer()
        codec.write(OutboundRequest(kind: .send, message: message), to: &body)
        return Parcel(
            ticket.id, to: "", key: names.requests(options.service), mandatory: true, numbered: properties, body,
            deadline: message.deadline)
    }

    /// An event. Sent once more, it has the same message id.
    private func event(
        _ message: OutgoingMessage, _ key: String, _ messageID: String, _ ticket: PendingReplies.Ticket
    ) -> Parcel {
        var message = message
        if let key = message.key { message.ownHeaders[HeaderName.key] = key }
        let properties = properties(of: &message, ticket, messageID: messageID)
        var body = ByteBuffer()
        codec.write(OutboundRequest(kind: .emit, message: message), to: &body)
        return Parcel(
            ticket.id, to: options.sendsEventsToQueue ? "" : names.events, key: key,
            mandatory: options.failsUnroutableEvents || options.sendsEventsToQueue, numbered: properties, body,
            deadline: message.deadline)
    }

    private func eventKey(of message: OutgoingMessage) throws(TransportError) -> String {
        let key =
            options.sendsEventsToQueue
            ? names.requests(options.service) : RabbitMQNames.routingKey(of: message.pattern)
        guard key.utf8.count <= RabbitMQNames.keyLimit else {
            throw TransportError(.tooLarge, "a pattern of more than \(RabbitMQNames.keyLimit) bytes cannot be routed")
        }
        return key
    }
}

// MARK: - Health

extension RabbitMQClient {
    func health() async -> HealthStatus {
        var details = ["pending": String(pending.count + link.waitingCount)]
        if let connection = link.connection?.connection {
            details["server"] = connection.summary
            guard let reason = connection.blockedReason.withLock({ $0 }) else { return .up(details) }
            details["blocked"] = reason
            return .degraded(details)
        }
        if let failure = link.failure { details["error"] = "\(failure)" }
        return link.isIdle ? .degraded(details) : .down(details)
    }
}
