import NIOCore
import NIOPosix

/// A connection for the time of one errand: for operators and health, beside the messages of a service.
struct RabbitMQSession: Sendable {
    let connection: RabbitMQConnection
    /// For looking at queues and taking from them.
    let channel: RabbitMQChannel
    private let line: ClientLine
    private let pending: PendingReplies

    /// Connects, does the errand and closes. What was taken from a queue and not acknowledged is in it again then.
    static func run<Value: Sendable>(
        _ options: RabbitMQOptions, as role: String,
        _ body: (RabbitMQSession) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connection = try await RabbitMQConnector(options: options, loop: loop).connect(as: role)
        let result: Result<Value, TransportError>
        do throws(TransportError) {
            result = .success(try await body(try await RabbitMQSession(connection, options)))
        } catch {
            result = .failure(error)
        }
        await connection.close()
        return try result.get()
    }

    private init(_ connection: RabbitMQConnection, _ options: RabbitMQOptions) async throws(TransportError) {
        self.connection = connection
        let pending = PendingReplies(eventLoop: connection.loop, limit: options.maxPending)
        let line = ClientLine(connection, options, pending)
        try await line.prepare(exchange: nil)
        channel = try await connection.openChannel()
        (self.line, self.pending) = (line, pending)
    }

    /// How a queue is; nil when there is none.
    func state(of queue: String) async throws(TransportError) -> QueueState? { try await connection.state(of: queue) }

    /// The next message of a queue; it is the session's until it is acknowledged or the session ends. Nil when there is
    /// no more.
    func take(from queue: String) async throws(TransportError) -> AMQPMessage? {
        guard case .message(let message) = try await channel.call(.get(queue: queue)) else { return nil }
        return message
    }

    /// Lets go of a message that was taken.
    func acknowledge(_ message: AMQPMessage) {
        connection.loop.execute { [channel] in
            channel.connection.writer.acknowledge(message.tag, multiple: false, channel: channel.number)
            channel.connection.flushSoon()
        }
    }

    /// Puts a message into a queue; returns when the broker has it.
    func put(
        _ body: ByteBuffer, _ properties: AMQPProperties, into queue: String, until deadline: NIODeadline
    ) async throws(TransportError) {
        let ticket = try pending.register(deadline: deadline, tag: line.number)
        _ = try await pending.reply(to: ticket) {
            let parcel = Parcel(ticket.id, to: "", key: queue, properties, body, deadline: deadline)
            connection.loop.execute { [line] in line.events.publish(parcel) }
        }
    }

    /// Sends a request to a queue and returns the reply.
    func ask(
        _ body: ByteBuffer, _ properties: AMQPProperties, at queue: String, until deadline: NIODeadline
    ) async throws(TransportError) -> Payload {
        let ticket = try pending.register(deadline: deadline, tag: line.number)
        var properties = properties
        properties.replyTo = ClientLine.replyTo
        properties.expiration = max(1, (deadline - .now()).nanoseconds / 1_000_000)
        let request = Parcel(ticket.id, to: "", key: queue, properties, body, deadline: deadline)
        return try await pending.reply(to: ticket) {
            connection.loop.execute { [line] in line.ask(request) }
        }
    }
}
