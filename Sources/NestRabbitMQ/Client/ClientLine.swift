import CRabbitMQ
import NIOCore
import Synchronization

/// The client's side of one connection: what is sent, and whom the answers are for.
///
/// `@unchecked Sendable`: touched on the event loop only, but for what is constant and the two publishers' names.
final class ClientLine: BrokerConnection, @unchecked Sendable {
    /// The queue that is none: what is sent to it comes over the channel that asked, without being stored anywhere.
    static let replyTo = "amq.rabbitmq.reply-to"
    private static let lastNumber = Atomic<UInt64>(0)

    /// Where the writer of a stream hears its reader.
    private struct Writer {
        let queue: String
        /// Its number for the stream.
        let number: UInt64
    }

    let connection: RabbitMQConnection
    /// What calls over it are tagged with.
    let number = ClientLine.lastNumber.add(1, ordering: .relaxed).newValue
    let events: RabbitMQPublisher
    private let requests: RabbitMQPublisher
    private let pending: PendingReplies
    private let codec = NestCodec()
    /// The running streams, by the number of the call; nil as long as no item has come.
    private var streams: [UInt64: Writer?] = [:]
    /// Requests that were sent and not answered, and until when the last of their callers waits.
    private var unanswered = 0
    private var lastDeadline = NIODeadline.now()
    /// Who waits until nothing is under way.
    private var leaving: UnsafeContinuation<Void, Never>?

    init(_ connection: RabbitMQConnection, _ options: RabbitMQOptions, _ pending: PendingReplies) {
        self.connection = connection
        self.pending = pending
        requests = RabbitMQPublisher(
            window: options.confirmWindow, maxBytes: options.maxBufferedBytes, tellsTaken: false)
        events = RabbitMQPublisher(window: options.confirmWindow, maxBytes: options.maxBufferedBytes)
        events.settle = { [pending] id, reply in _ = pending.settle(id, reply) }
        events.whenQuiet = { [weak self] in self?.leaveIfQuiet() }
        requests.settle = { [weak self, pending] id, reply in
            _ = pending.settle(id, reply)
            self?.answered()
        }
        connection.whenEnded { self.lost($0) }
    }

    /// Calls back when the broker refuses what comes over it. Before it is prepared.
    func whenRefused(_ body: @escaping @Sendable () -> Void) {
        requests.whenRefused = body
        events.whenRefused = body
    }

    /// Makes what is needed. A channel that the broker closes takes the connection with it: the next one declares
    /// everything anew.
    func prepare(exchange: String?) async throws(TransportError) {
        let asking = try await connection.openChannel { [weak self, weak connection] channel in
            self?.requests.attach(to: channel)
            channel.owner.delivered = { self?.receive($0) }
            channel.owner.ended = { connection?.end($0) }
        }
        try await asking.call(.consume(queue: Self.replyTo, tag: "", acknowledges: false, isExclusive: false))
        try await requests.prepare(asking)
        let telling = try await connection.openChannel { [weak self, weak connection] channel in
            self?.events.attach(to: channel)
            channel.owner.ended = { connection?.end($0) }
        }
        if let exchange { try await telling.call(.declareExchange(ExchangeDeclaration(exchange, .topic))) }
        try await events.prepare(telling)
        await withUnsafeContinuation { continuation in
            connection.loop.execute {
                self.begin(asking, telling)
                continuation.resume()
            }
        }
    }

    private func begin(_ asking: RabbitMQChannel, _ telling: RabbitMQChannel) {
        guard connection.isOpen else { return }
        connection.whenRoomy = { [weak self] in
            self?.requests.pump()
            self?.events.pump()
        }
        requests.begin(asking)
        events.begin(telling)
    }

    private func lost(_ error: TransportError) {
        streams = [:]
        requests.lost(error)
        events.lost(error)
        unanswered = 0
        pending.failAll(tagged: number, error)
        leaveIfQuiet()
    }
}

// MARK: - As a connection

extension ClientLine {
    var summary: String { connection.summary }

    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void) { connection.whenEnded(body) }

    func close() async { await connection.close() }

    /// Another one has taken over: takes what is still answered, and closes.
    func retire(streamPatience: Duration) async {
        await withUnsafeContinuation { continuation in
            connection.loop.execute {
                self.leaving = continuation
                self.leaveIfQuiet()
                self.leaveAtLast()
                self.connection.loop.scheduleTask(in: TimeAmount(streamPatience)) { self.breakStreams() }
            }
        }
        await close()
    }

    /// Nobody waits for anything any more: whoever waits for that goes on.
    func leave() {
        connection.loop.execute { self.leaveNow() }
    }

    private func breakStreams() {
        let error = TransportError(.disconnected, "the stream's connection made place for another one")
        for number in streams.keys { pending.receive(.failure(error), id: number) }
        streams = [:]
        leaveNow()
    }

    /// Nobody waits for an answer beyond his deadline.
    private func leaveAtLast() {
        guard leaving != nil, lastDeadline > .now() else { return }
        connection.loop.scheduleTask(deadline: lastDeadline) {
            self.leaveIfQuiet()
            self.leaveAtLast()
        }
    }

    private func leaveNow() {
        leaving?.resume()
        leaving = nil
    }

    private func leaveIfQuiet() {
        guard leaving != nil, events.openCount.load(ordering: .relaxed) == 0, streams.isEmpty,
            unanswered == 0 || lastDeadline <= .now()
        else { return }
        leaveNow()
    }

    private func answered() {
        unanswered -= 1
        leaveIfQuiet()
    }
}

// MARK: - Requests

extension ClientLine {
    /// Sends a request. On the event loop.
    func ask(_ request: Parcel) {
        unanswered += 1
        if request.deadline > lastDeadline { lastDeadline = request.deadline }
        requests.publish(request)
    }

    /// Sends a request whose answer is a stream. On the event loop.
    func openStream(_ request: Parcel) {
        streams[request.id] = .some(nil)
        ask(request)
    }

    func closeStream(_ id: UInt64) {
        streams[id] = nil
        leaveIfQuiet()
    }
}

// MARK: - Answers

extension ClientLine {
    private func receive(_ message: AMQPDelivery) {
        guard let id = message.correlationNumber else { return }
        guard let body = message.body else {
            let error = TransportError(.tooLarge, "the reply is larger than is taken")
            return settle(id, .failure(error))
        }
        guard body.readableBytes > 0 else { return stillThere(message, id) }
        do throws(EnvelopeError) {
            let range = ByteRange(body.readerIndex, body.writerIndex)
            let content = try codec.readResponse(body, in: range).content
            guard case .item = content else { return settle(id, content) }
            guard note(message, id), pending.receive(content, id: id) else { return refuse(message) }
        } catch {
            settle(id, .failure(TransportError(.invalidMessage, "the reply is no envelope: \(error.reason)")))
        }
    }

    private func settle(_ id: UInt64, _ content: InboundResponse.Content) {
        if !streams.isEmpty { streams[id] = nil }
        pending.receive(content, id: id)
        answered()
    }
}

// MARK: - Streams

extension ClientLine {
    /// Notes where the writer of a stream listens, which changes with its connection. False for a stream that nobody
    /// reads.
    private func note(_ message: AMQPDelivery, _ id: UInt64) -> Bool {
        guard let known = streams[id] else { return false }
        if known?.queue.utf8.elementsEqual(message.replyTo.buffer) != true { streams[id] = writer(of: message) }
        return true
    }

    private func writer(of message: AMQPDelivery) -> Writer? {
        guard message.properties.has(AMQP_BASIC_MESSAGE_ID_FLAG), let number = message.properties.message_id.number,
            !message.replyTo.isEmpty
        else { return nil }
        return Writer(queue: message.replyTo.text, number: number)
    }

    /// A writer asks whether somebody still reads its stream.
    private func stillThere(_ message: AMQPDelivery, _ id: UInt64) {
        if !note(message, id) { refuse(message) }
    }

    /// Nobody reads this stream any more: its writer did not hear of it.
    private func refuse(_ message: AMQPDelivery) {
        if let writer = writer(of: message) { tell(.cancel, writer) }
    }

    /// Tells a writer what its reader says, if it is known where it listens.
    func tell(_ control: StreamControl, _ id: UInt64) {
        if let writer = streams[id] ?? nil { tell(control, writer) }
    }

    private func tell(_ control: StreamControl, _ writer: Writer) {
        var body = ByteBuffer()
        codec.write(control, id: writer.number, to: &body)
        var properties = AMQPProperties()
        properties.correlationID = String(writer.number)
        requests.tell(Parcel(replyTo: writer.queue, properties, body, deadline: .distantFuture))
    }
}
