import CRdKafka
import Logging
import NIOCore
import Synchronization

/// Many calls in flight: requests and their answers, events and their delivery reports.
final class KafkaClient: LoopClient {
    let loop: any ServingLoop
    private let options: KafkaOptions
    private let names: KafkaNames
    private let codec = NestCodec()
    private let pending: PendingReplies
    private let streams: KafkaStreams
    private let link: KafkaLink
    /// What is being written; the library copies it.
    private let output = Mutex(ByteBuffer())

    init(options: KafkaOptions, environment: TransportEnvironment) throws(TransportError) {
        self.options = options
        let names = KafkaNames(options)
        self.names = names
        let connector = try KafkaConnector(options, environment)
        loop = connector.loop
        let timers = environment.eventLoopGroup.next()
        let pending = PendingReplies(eventLoop: timers, limit: options.maxPending)
        self.pending = pending
        let streams = KafkaStreams()
        self.streams = streams
        let metrics = options.statisticsInterval > .zero ? KafkaMetrics("client") : nil
        let specs = Self.topics(options, names, connector)
        link = KafkaLink(
            BrokerLinkSettings(options), environment: environment,
            owner: KafkaLink.Owner(
                prepare: { session throws(TransportError) in
                    try await Self.prepare(session, connector, pending, streams)
                },
                lost: { session, error in
                    for number in streams.forgetAll(over: session.number) {
                        pending.receive(.failure(error), id: number)
                    }
                    pending.failAll(tagged: session.number, error)
                },
                retire: { session in
                    let left = await streams.leave(session.number, within: .seconds(30), on: timers)
                    let error = TransportError(.disconnected, "the stream's connection made place for another one")
                    for number in left { pending.receive(.failure(error), id: number) }
                    // Whoever waits for an answer over it waits until his deadline at the most.
                    if let last = pending.lastDeadline(tagged: session.number) {
                        let passed = timers.makePromise(of: Void.self)
                        timers.scheduleTask(deadline: last) { passed.succeed() }
                        try? await passed.futureResult.get()
                    }
                    await session.close()
                })
        ) { () throws(TransportError) in try await connector.session(specs, metrics: metrics) }
    }

    deinit {
        pending.failAll(Self.closed, closing: true)
        link.abandon(Self.closed)
    }

    /// What calls need to be there.
    private static func topics(
        _ options: KafkaOptions, _ names: KafkaNames, _ connector: KafkaConnector
    ) -> [KafkaTopicSpec] {
        let all = Set([names.requests(options.service), names.events] + options.topics.events.map(\.topic))
        return all.sorted().map { KafkaTopicSpec(name: $0, partitions: options.topics.partitions) }
            + [connector.replies]
    }

    /// Listens for answers before anything is asked.
    private static func prepare(
        _ session: KafkaSession, _ connector: KafkaConnector, _ pending: PendingReplies, _ streams: KafkaStreams
    ) async throws(TransportError) {
        await session.producer.begin { id, reply in _ = pending.settle(id, reply) }
        let (inbox, offset) = try await connector.inbox(over: session.producer, session.trouble)
        session.add { await inbox.close() }
        session.inbox = inbox
        let receiver = KafkaReplyReceiver(pending: pending, streams: streams) { [weak session] writer in
            session?.tell(.cancel, writer)
        }
        try await inbox.begin(from: offset, failed: { [weak session] in session?.end($0) }) {
            receiver.receive($0, $1)
        }
        // Nobody waits in vain for an answer that cannot come.
        session.whenDown { [weak session] error in
            guard let session else { return }
            for number in streams.forgetAll(over: session.number) { pending.receive(.failure(error), id: number) }
            pending.failAll(tagged: session.number, error)
        }
    }

    func connect() async throws(TransportError) {
        guard link.connection == nil else { return }
        let time = TimeAmount(options.connectTimeout) + TimeAmount(options.operationTimeout) * 2
        try await link.connect(until: .now() + time)
    }

    func close() async {
        pending.failAll(Self.closed, closing: true)
        await link.close(Self.closed)
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

extension KafkaSession {
    /// Tells a writer what its reader says.
    func tell(_ control: StreamControl, _ writer: KafkaAddress) {
        var body = ByteBuffer()
        NestCodec().write(control, id: 0, to: &body)
        _ = producer.send(
            body, to: writer.topic, partition: writer.partition, key: ByteBuffer(string: writer.key), [:], .none)
    }
}

// MARK: - Calls

extension KafkaClient {
    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        let (session, inbox) = try await reachable(for: message)
        let ticket = try pending.register(deadline: message.deadline, tag: session.number)
        return try await pending.reply(to: ticket) { ask(message, ticket, session, inbox) }
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        let (session, inbox) = try await reachable(for: message)
        var message = message
        message.ownHeaders[HeaderName.stream] = String(options.streamWindow)
        let source = ReplyStreamSource(window: options.streamWindow, for: message)
        let ticket = try pending.register(source, tag: session.number)
        streams.open(ticket.id, over: session.number)
        source.attach(actions(ticket, session))
        ask(message, ticket, session, inbox)
        return ReplyStream(source)
    }

    /// Returns when the brokers have the event. One that could not be delivered by its deadline may still be delivered
    /// until ``KafkaOptions/deliveryTimeout`` is over.
    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        let topic = names.events(message.pattern)
        while true {
            let session: KafkaSession
            if let there = link.connection {
                session = there
            } else {
                session = try await link.connectionEventually(
                    until: message.deadline, bytes: message.payload.count + 256)
            }
            let ticket = try pending.register(deadline: message.deadline)
            var isFull = false
            do throws(TransportError) {
                _ = try await pending.reply(to: ticket) {
                    let tag = KafkaProducer.Tag(id: ticket.id, tellsTaken: true)
                    let code = publish(.emit, message, to: topic, tag, session)
                    isFull = code == RD_KAFKA_RESP_ERR__QUEUE_FULL
                    if let code { fail(ticket, code, "sending to `\(topic)`") }
                }
                return
            } catch {
                guard isFull, error.code == .overloaded else { throw explained(error, session) }
                try await waitForRoom(in: session, until: message.deadline)
            }
        }
    }

    /// The session for a request, while somebody can be reached.
    private func reachable(
        for message: OutgoingMessage
    ) async throws(TransportError) -> (KafkaSession, KafkaInbox) {
        let session = try await link.connectionNow(until: message.deadline)
        if let failure = session.trouble.failure { throw failure }
        guard let inbox = session.inbox else { throw TransportError(.disconnected, "the session has ended") }
        return (session, inbox)
    }

    private func waitForRoom(in session: KafkaSession, until deadline: NIODeadline) async throws(TransportError) {
        let ticket = try pending.register(deadline: deadline)
        do throws(TransportError) {
            _ = try await pending.reply(to: ticket) {
                session.producer.whenRoomy { [pending] in _ = pending.settle(ticket.id, .success(.null)) }
            }
        } catch {
            throw explained(error, session)
        }
    }

    /// A call that timed out while nobody could be reached says so.
    private func explained(_ error: TransportError, _ session: KafkaSession) -> TransportError {
        guard error.code == .timeout, let failure = session.trouble.failure ?? session.trouble.cause else {
            return error
        }
        return TransportError(.timeout, "not delivered in time: \(failure.message)")
    }

    private func actions(_ ticket: PendingReplies.Ticket, _ session: KafkaSession) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { [streams] count in
                if let writer = streams.writer(of: ticket.id) { session.tell(.credit(count), writer) }
            },
            cancel: { [streams, pending] hasItems in
                pending.forget(ticket)
                if hasItems, let writer = streams.writer(of: ticket.id) { session.tell(.cancel, writer) }
                streams.forget(ticket.id)
            })
    }
}

// MARK: - Writing

extension KafkaClient {
    /// Kept between two messages, so that not every one allocates.
    private static let keptCapacity = 64 << 10

    private func ask(
        _ message: OutgoingMessage, _ ticket: PendingReplies.Ticket, _ session: KafkaSession, _ inbox: KafkaInbox
    ) {
        let topic = names.requests(options.service)
        let tag = KafkaProducer.Tag(id: ticket.id, tellsTaken: false)
        let code = publish(.send, message, to: topic, tag, session, answer: inbox.address(ticket.id))
        if let code { fail(ticket, code, "sending to `\(topic)`") }
    }

    /// Headers go as those of the record; the envelope has what the framework needs. Nil when the library has it.
    private func publish(
        _ kind: MessageKind, _ message: OutgoingMessage, to topic: String, _ tag: KafkaProducer.Tag,
        _ session: KafkaSession, answer: KafkaAddress? = nil
    ) -> rd_kafka_resp_err_t? {
        var message = message
        var headers = message.ownHeaders
        message.ownHeaders = [:]
        if let partition = answer?.partition { headers[KafkaHeader.replyPartition] = String(partition) }
        let key = message.key.map { ByteBuffer(string: $0) }
        return output.withLock { [codec, message, headers] output in
            output.clear()
            codec.write(
                kind, message, id: nil, reply: answer?.topic, correlationID: answer?.key, to: &output)
            let code = session.producer.send(
                output, to: topic, key: key, headers, pattern: message.pattern.name, tag)
            if output.capacity > Self.keptCapacity { output = ByteBuffer() }
            return code
        }
    }

    private func fail(_ ticket: PendingReplies.Ticket, _ code: rd_kafka_resp_err_t, _ what: String) {
        pending.settle(ticket.id, .failure(TransportError(kafka: code, what)))
    }
}

// MARK: - Health

extension KafkaClient {
    func health() async -> HealthStatus {
        var details = ["pending": String(pending.count + link.waitingCount)]
        guard let session = link.connection else {
            if let failure = link.failure { details["error"] = "\(failure)" }
            return link.isIdle ? .degraded(details) : .down(details)
        }
        details["server"] = session.summary
        details["unconfirmed"] = String(session.producer.openCount)
        details.merge(session.trouble.details) { $1 }
        if session.trouble.failure != nil { return .down(details) }
        return session.trouble.refusal == nil ? .up(details) : .degraded(details)
    }
}
