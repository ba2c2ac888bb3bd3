import CRabbitMQ
import NIOCore

/// The client's side of one connection after the other: what is sent, and whom the answers are for.
///
/// `@unchecked Sendable`: touched on the event loop only, but for the two publishers' names.
final class ClientLine: @unchecked Sendable {
    /// The queue that is none: what is sent to it comes over the channel that asked, without being stored anywhere.
    static let replyTo = "amq.rabbitmq.reply-to"

    /// Where the writer of a stream hears its reader.
    private struct Writer {
        let queue: String
        /// Its number for the stream.
        let number: UInt64
    }

    let requests: RabbitMQPublisher
    let events: RabbitMQPublisher
    private let pending: PendingReplies
    private let codec = NestCodec()
    private var channel: RabbitMQChannel?
    /// The running streams, by the number of the call; nil as long as no item has come.
    private var streams: [UInt64: Writer?] = [:]

    init(options: RabbitMQOptions, pending: PendingReplies) {
        self.pending = pending
        requests = RabbitMQPublisher(window: nil, maxBytes: options.maxBufferedBytes)
        events = RabbitMQPublisher(window: options.confirmWindow, maxBytes: options.maxBufferedBytes)
        for publisher in [requests, events] {
            publisher.settle = { [pending] id, reply in _ = pending.settle(id, reply) }
        }
    }

    /// Makes what is needed over a new connection. A channel that the broker closes takes the connection with it: the next
    /// one declares everything anew.
    func prepare(_ connection: RabbitMQConnection, exchange: String?) async throws(TransportError) {
        let asking = try await connection.openChannel { channel in
            self.requests.attach(to: channel)
            channel.owner.delivered = { [weak self] in self?.receive($0) }
            channel.owner.ended = { [weak connection] in connection?.end($0) }
        }
        try await asking.call(.consume(queue: Self.replyTo, tag: "", acknowledges: false, isExclusive: false))
        let telling = try await connection.openChannel { channel in
            self.events.attach(to: channel)
            channel.owner.ended = { [weak connection] in connection?.end($0) }
        }
        if let exchange { try await telling.call(.declareExchange(ExchangeDeclaration(exchange, .topic))) }
        try await events.prepare(telling)
        await withUnsafeContinuation { continuation in
            connection.loop.execute {
                self.begin(connection, asking, telling)
                continuation.resume()
            }
        }
    }

    private func begin(_ connection: RabbitMQConnection, _ asking: RabbitMQChannel, _ telling: RabbitMQChannel) {
        guard connection.isOpen else { return }
        channel = asking
        connection.whenRoomy = { [weak self] in
            self?.requests.pump()
            self?.events.pump()
        }
        requests.begin(asking)
        events.begin(telling)
    }

    func lost(_ error: TransportError) {
        channel = nil
        streams = [:]
        requests.lost(error)
        events.lost(error)
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
    }
}

// MARK: - Streams

extension ClientLine {
    func openStream(_ id: UInt64) { streams[id] = .some(nil) }

    func closeStream(_ id: UInt64) { streams[id] = nil }

    /// Notes where the writer of a stream listens. False for a stream that nobody reads.
    private func note(_ message: AMQPDelivery, _ id: UInt64) -> Bool {
        guard let known = streams[id] else { return false }
        if known == nil { streams[id] = writer(of: message) }
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
        guard let channel, channel.connection.isOpen else { return }
        var body = ByteBuffer()
        codec.write(control, id: writer.number, to: &body)
        channel.publish(Parcel(writer.number, to: "", key: writer.queue, mandatory: false, .init(), body))
    }
}
