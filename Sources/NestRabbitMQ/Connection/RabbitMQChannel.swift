import CRabbitMQ
import NIOCore

/// One channel of a connection: what it is asked and answers, one after another, and the messages that come over it.
///
/// `@unchecked Sendable`: touched on the event loop of its connection only.
final class RabbitMQChannel: @unchecked Sendable {
    typealias Answer = @Sendable (Result<AMQPReply, TransportError>) -> Void

    /// What its owner does with what comes unasked. Called on the event loop.
    struct Owner {
        var delivered: ((AMQPDelivery) -> Void)?
        var returned: ((AMQPReturn) -> Void)?
        /// The broker has a message, or refuses it: its number, and whether all before it are meant too.
        var confirmed: ((_ number: UInt64, _ all: Bool, _ isTaken: Bool) -> Void)?
        /// The broker has ended the consumer: its queue is gone, or its node.
        var cancelled: (() -> Void)?
        /// The channel is gone. Nothing follows.
        var ended: ((TransportError) -> Void)?
    }

    /// A message that is coming, frame by frame.
    struct Content {
        let method: UInt32
        let arguments: ByteBuffer
        var header = ByteBuffer()
        var body = ByteBuffer()
        /// Bytes that are missing; nil before the header.
        var missing: Int?
        var isTooLarge = false
    }

    /// Something that was asked.
    struct Question: Sendable {
        let request: AMQPRequest
        let answer: Answer
        let patience: Scheduled<Void>
    }

    let number: UInt16
    let connection: RabbitMQConnection
    @exclusivity(unchecked) var owner = Owner()
    var questions = Fifo<Question>()
    @exclusivity(unchecked) var content: Content?
    /// Why it is gone.
    private(set) var failure: TransportError?

    init(_ number: UInt16, of connection: RabbitMQConnection) {
        self.number = number
        self.connection = connection
    }

    /// It is gone: with its connection, or because the broker closed it.
    func end(_ error: TransportError) {
        guard failure == nil else { return }
        failure = error
        content = nil
        for question in questions.removeAll() {
            question.patience.cancel()
            question.answer(.failure(error))
        }
        let ended = owner.ended
        owner = Owner()
        ended?(error)
    }
}

// MARK: - Asking

extension RabbitMQChannel {
    /// Asks the broker for something. On the event loop.
    func ask(_ request: AMQPRequest, _ answer: @escaping Answer) {
        if let failure { return answer(.failure(failure)) }
        let patience = connection.loop.scheduleTask(in: connection.patience) { [connection] in
            connection.end(
                TransportError(.disconnected, "\(request.summary): no answer from \(connection.address) in time"))
        }
        questions.append(Question(request: request, answer: answer, patience: patience))
        connection.writer.request(request, channel: number)
        connection.flushSoon()
    }

    /// Asks the broker for something, from anywhere.
    @discardableResult
    func call(_ request: AMQPRequest) async throws(TransportError) -> AMQPReply {
        let result = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<Result<AMQPReply, TransportError>, Never>) in
            connection.loop.execute { self.ask(request) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }

    /// Answers the first question that waits.
    func answer(_ reply: AMQPReply) {
        guard let question = questions.popFirst() else { return }
        question.patience.cancel()
        question.answer(.success(reply))
    }
}

extension RabbitMQConnection {
    /// A new channel. The owner is set before anything can come over it.
    func openChannel(
        _ configure: @escaping @Sendable (RabbitMQChannel) -> Void = { _ in }
    ) async throws(TransportError) -> RabbitMQChannel {
        let channel = await withUnsafeContinuation { (continuation: UnsafeContinuation<RabbitMQChannel, Never>) in
            loop.execute {
                let channel = self.makeChannel()
                configure(channel)
                continuation.resume(returning: channel)
            }
        }
        try await channel.call(.openChannel)
        return channel
    }

    /// Does something over a channel of its own. On the event loop; not at all when there is no channel to be had.
    func onNewChannel(_ body: @escaping @Sendable (RabbitMQChannel) -> Void) {
        let channel = makeChannel()
        channel.ask(.openChannel) { result in if case .success = result { body(channel) } }
    }

    private func makeChannel() -> RabbitMQChannel {
        var number = lastChannel
        repeat {
            number = number >= channelLimit ? 1 : number + 1
        } while channels[number] != nil && number != lastChannel
        lastChannel = number
        let channel = RabbitMQChannel(number, of: self)
        if case .ended(let error) = phase {
            channel.end(error)
        } else if channels[number] != nil {
            channel.end(TransportError(.overloaded, "all \(channelLimit) channels of a connection are taken"))
        } else {
            channels[number] = channel
        }
        return channel
    }
}
