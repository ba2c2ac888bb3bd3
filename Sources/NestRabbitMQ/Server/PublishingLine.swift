import NIOCore
import Synchronization

/// A service's side of one connection that publishes: answers over one channel, and over another one what has to be
/// confirmed.
///
/// `@unchecked Sendable`: touched on the event loop only.
final class PublishingLine: @unchecked Sendable {
    let connection: RabbitMQConnection
    /// Answers.
    let replies: RabbitMQPublisher
    /// What has to be confirmed: next tries and dead letters.
    let moves: RabbitMQPublisher
    private var leaving: UnsafeContinuation<Void, Never>?

    init(_ connection: RabbitMQConnection, _ options: RabbitMQOptions, settle: @escaping RabbitMQPublisher.Settle) {
        self.connection = connection
        replies = RabbitMQPublisher(window: nil, maxBytes: options.maxBufferedBytes)
        moves = RabbitMQPublisher(window: options.confirmWindow, maxBytes: options.maxBufferedBytes)
        moves.settle = settle
        for publisher in [replies, moves] { publisher.whenQuiet = { [weak self] in self?.leaveIfQuiet() } }
        connection.whenEnded { self.lost($0) }
    }

    /// Opens the channels. Readers of streams are heard over the first.
    func prepare(
        hear: @escaping @Sendable (AMQPDelivery) -> Void
    ) async throws(TransportError) -> (answers: RabbitMQChannel, moving: RabbitMQChannel) {
        let answers = try await connection.openChannel { [weak self] channel in
            self?.replies.attach(to: channel)
            channel.owner.delivered = hear
            channel.owner.ended = { [weak channel] in channel?.connection.end($0) }
        }
        try await answers.call(
            .consume(queue: ClientLine.replyTo, tag: "", acknowledges: false, isExclusive: false))
        let moving = try await connection.openChannel { [weak self] channel in
            self?.moves.attach(to: channel)
            channel.owner.ended = { [weak channel] in channel?.connection.end($0) }
        }
        try await moves.prepare(moving)
        return (answers, moving)
    }

    func begin(_ answers: RabbitMQChannel, _ moving: RabbitMQChannel) {
        replies.begin(answers)
        moves.begin(moving)
    }

    private func lost(_ error: TransportError) {
        replies.lost(error)
        moves.lost(error)
        leave()
    }
}

// MARK: - The end

extension PublishingLine {
    /// Another one has taken over: waits until everything is written and confirmed, as long as that may take.
    func retire(within limit: Duration) async {
        await withUnsafeContinuation { continuation in
            connection.loop.execute {
                self.leaving = continuation
                self.leaveIfQuiet()
                self.connection.loop.scheduleTask(in: TimeAmount(limit)) { self.leave() }
            }
        }
    }

    /// On the event loop.
    func leave() {
        leaving?.resume()
        leaving = nil
    }

    private func leaveIfQuiet() {
        guard leaving != nil, [replies, moves].allSatisfy({ $0.openCount.load(ordering: .relaxed) == 0 }) else {
            return
        }
        leave()
    }
}
