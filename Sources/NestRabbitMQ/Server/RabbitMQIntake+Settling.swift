import NIOCore
import Synchronization

/// What the broker is told about deliveries.
extension RabbitMQIntake {
    func acknowledge(_ delivery: RabbitMQDelivery, _ message: IncomingMessage, as end: DeliveryEnd) {
        delivery.consumer.acknowledge(delivery.id.tag)
    }

    func giveBack(_ held: Held) { held.delivery.consumer.reject(held.delivery.id.tag, requeue: true) }

    /// What can be sent elsewhere at once.
    var openMoves: RabbitMQPublisher? {
        guard let moves = publishing?.moves, !moves.isFull else { return nil }
        return moves
    }

    /// Messages on their way elsewhere.
    var unconfirmedCount: Int { lines.reduce(0) { $0 + $1.moves.openCount.load(ordering: .relaxed) } }

    /// A copy goes to a queue where it waits for its time, and comes back from there.
    func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry {
        let milliseconds = QueueKinds.milliseconds(delay)
        let isPlanned = milliseconds == 0 || kinds.delays.contains(milliseconds)
        guard held.delivery.role != .broadcast, isPlanned, let moves = openMoves else { return .refused }
        let queue = held.delivery.queue
        let target = milliseconds == 0 ? queue : RabbitMQNames.retry(queue, after: milliseconds)
        var properties = held.delivery.forwarded(attempt: held.message.attempt + 1)
        properties.expiration = nil
        moves.publish(Parcel(ticket, to: "", key: target, properties, held.delivery.body))
        return .sent
    }

    func store(_ letter: DeadLetter, of held: Held, ticket: UInt64) -> Bool {
        guard let moves = openMoves else { return false }
        let (message, delivery) = (held.message, held.delivery)
        var properties = delivery.forwarded(attempt: message.attempt)
        let headers = letter.headers(adding: message.headers, source: delivery.queue, attempt: message.attempt)
        properties.headers.merge(HeaderMapping.table(headers))
        properties.headers[HeaderMapping.deadID] = .text(UniqueName.new())
        // Nobody waits any more, and it is to be kept.
        (properties.replyTo, properties.expiration) = ("", nil)
        moves.publish(Parcel(ticket, to: plan.dead.exchange, key: plan.dead.key, properties, delivery.body))
        return true
    }

    /// A handler that takes longer than the broker waits would lose its delivery, and everything else of its channel with
    /// it: it is cancelled before.
    func keepAlive(_ held: [Held]) {
        let limit = NIODeadline.now() - TimeAmount(options.queues.maxHandlingTime)
        for run in state.suspended.values {
            guard let delivery = delivery(of: run.message), delivery.arrival < limit else { continue }
            run.task.cancel()
        }
    }
}
