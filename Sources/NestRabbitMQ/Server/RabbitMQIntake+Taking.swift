import CRabbitMQ
import NIOCore

/// From the broker's deliveries to messages.
extension RabbitMQIntake {
    func take(_ message: AMQPDelivery, from consumer: RabbitMQConsumer) {
        consumer.begin(message.tag)
        guard let body = message.body else { return refuse(message, from: consumer) }
        let table = message.properties.copiedHeaders
        let headers = HeaderMapping.headers(table)
        let redeliveries = self.redeliveries(message, table)
        let key = options.queues.singleActiveConsumer && consumer.role == .events ? headers[HeaderName.key] : nil
        let delivery = RabbitMQDelivery(message, table, key: key, consumer, redeliveries: redeliveries)
        var (incoming, fault) = envelope(in: body, hasReply: !delivery.properties.replyTo.isEmpty)
        incoming.adopt(headers)
        place(&incoming, delivery)
        if redeliveries > 0, recount(incoming, delivery) { return }
        if let fault, incoming.kind == .send {
            let error = TransportError(.invalidMessage, "invalid request: \(fault)")
            incoming.metadata = delivery
            write(.reply(.failure(error)), to: incoming, stream: nil)
        }
        take(incoming, delivery, fault: fault)
    }

    /// How often it came before without being acknowledged. A quorum queue counts; a classic one only knows whether.
    private func redeliveries(_ message: AMQPDelivery, _ headers: AMQPTable) -> Int {
        if let count = headers[HeaderMapping.deliveryCount]?.number { return Int(clamping: count) }
        return message.isRedelivered ? 1 : 0
    }

    /// The body as an envelope; when it is none, what is wrong with it.
    private func envelope(in body: ByteBuffer, hasReply: Bool) -> (IncomingMessage, fault: String?) {
        let range = ByteRange(body.readerIndex, body.writerIndex)
        let fault: String
        do throws(EnvelopeError) {
            switch try codec.readRequest(body, in: range) {
            case .message(let message): return (message, nil)
            case .control: fault = "a word about a stream came where requests and events do"
            }
        } catch {
            fault = error.reason
        }
        let nothing = ByteRange(body.readerIndex, body.readerIndex)
        return (IncomingMessage(kind: hasReply ? .send : .emit, frame: body, pattern: nothing, payload: range), fault)
    }

    /// What the queue it came from says about the message.
    private func place(_ message: inout IncomingMessage, _ delivery: RabbitMQDelivery) {
        switch delivery.role {
        case .requests: message.audience = .group
        case .events: (message.kind, message.audience) = (.emit, .group)
        case .broadcast: (message.kind, message.audience) = (.emit, .everyone)
        }
        message.attempt += min(max(0, delivery.redeliveries), 1_000_000)
        guard message.kind == .send else { return message.deadline = nil }
        if message.deadline == nil, let expiration = delivery.properties.expiration {
            message.expire(afterMilliseconds: expiration)
        }
        // Who streams must have an address. This one stands beside the body, where no range points to.
        guard message.replyRange.isEmpty, !delivery.properties.replyTo.isEmpty else { return }
        message.replyRange = message.payloadRange
    }

    /// It is larger than is taken. An event goes where its queue sends what is refused; a caller is told.
    private func refuse(_ message: AMQPDelivery, from consumer: RabbitMQConsumer) {
        state.logger.error(
            "a message is larger than is taken",
            metadata: [
                LogKey.transport: .string(state.transport), LogKey.reason: .string("\(options.maxMessageBytes) bytes"),
                "nest.queue": .string(consumer.queue),
            ])
        let delivery = RabbitMQDelivery(
            message, message.properties.copiedHeaders, key: nil, consumer, redeliveries: 0)
        let nothing = IncomingMessage(kind: .send, frame: ByteBuffer(), pattern: .none, payload: .none)
        if let address = delivery.answerAddress(nothing) {
            let error = TransportError(.tooLarge, "the service takes messages of \(options.maxMessageBytes) bytes")
            send(.reply(.failure(error)), to: address, stream: nil, deadline: .distantFuture)
        }
        consumer.reject(message.tag, requeue: false)
    }
}

// MARK: - Classic queues

extension RabbitMQIntake {
    /// A classic queue does not count deliveries. So what comes again is sent to its queue once more with the count in a
    /// header of ours, before anything else is done with it: a handler that ends its process with every try then does
    /// so a bounded number of times. False for what need not.
    private func recount(_ message: IncomingMessage, _ delivery: RabbitMQDelivery) -> Bool {
        guard options.queues.kind == .classic, delivery.role != .broadcast, state.phase == .open,
            message.attempt <= deliveries.settings.policy.maxAttempts, let moves = openMoves
        else { return false }
        lastRecount += 1
        // Tickets of the delivery desk count up from 1; these count down from the other end.
        let ticket = UInt64.max - lastRecount
        recounts[ticket] = delivery
        let properties = delivery.forwarded(attempt: message.attempt)
        moves.publish(Parcel(ticket, to: "", key: delivery.queue, properties, delivery.body))
        return true
    }

    /// What was sent elsewhere is there, or is not.
    func moved(_ ticket: UInt64, _ reply: PendingReplies.Reply) {
        guard let delivery = recounts.removeValue(forKey: ticket) else { return confirm(ticket, reply) }
        switch reply {
        case .success: delivery.consumer.acknowledge(delivery.id.tag)
        case .failure: delivery.consumer.reject(delivery.id.tag, requeue: true)
        }
        endTurn()
    }
}

extension RabbitMQDelivery {
    /// What stands beside its body when it is sent on: without what the broker has noted, and with the try it will be.
    func forwarded(attempt: Int) -> AMQPProperties {
        var properties = properties
        properties.headers = AMQPTable(properties.headers.filter { !HeaderMapping.isBrokers($0.name) })
        properties.headers[HeaderName.attempt] = .text(String(attempt))
        properties.isPersistent = true
        return properties
    }
}
