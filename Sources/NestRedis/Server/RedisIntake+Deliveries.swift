import NIOCore

/// What becomes of deliveries.
extension RedisIntake {
    func acknowledge(_ delivery: RedisDelivery, _ message: IncomingMessage, as end: DeliveryEnd) {
        switch end {
        case .handled: delivery.source.acknowledge(delivery)
        // It was stored and finished in one step.
        case .deadLetter: delivery.source.buried(delivery)
        }
    }

    func giveBack(_ held: Held) { held.delivery.source.giveBack(held) }

    /// It rests here: a stream has no place for it, and its consumer's hand is as safe as any other.
    func retry(_ held: Held, after delay: Duration, ticket: UInt64) -> DeliveryRetry {
        guard state.phase == .open else {
            held.delivery.source.giveBack(held)
            return .handedBack
        }
        held.delivery.source.rest(held)
        return .refused
    }

    func keepAlive(_ held: [Held]) {
        for source in sources {
            source.keepAlive(held.filter { $0.delivery.source === source })
            source.look()
        }
    }

    func store(_ letter: DeadLetter, of held: Held, ticket: UInt64) -> Bool {
        let message = held.message
        let source = held.delivery.entry.map { "\(held.delivery.stream) \($0)" } ?? held.delivery.stream
        var headers = letter.headers(adding: message.headers, source: source, attempt: message.attempt)
        headers[RedisHeader.previous] = nil
        var fields: [(String, ByteBuffer)] = []
        if held.delivery.fields.isEmpty {
            fields.append((RedisField.message, envelope(of: message)))
        } else {
            fields = held.delivery.fields.map { ($0.name, $0.value) }
        }
        for header in headers { fields.append((header.name, ByteBuffer(string: header.value))) }
        return held.delivery.source.bury(held, fields) { [weak self] reply in self?.confirm(ticket, reply) }
    }

    /// The message without headers, which stand beside it, and without where its answer went.
    private func envelope(of message: IncomingMessage) -> ByteBuffer {
        let plain = OutgoingMessage(
            pattern: Pattern(message.pattern), payload: message.payload, deadline: .distantFuture)
        var body = ByteBuffer()
        codec.write(OutboundRequest(kind: message.kind, message: plain), to: &body)
        return body
    }
}
