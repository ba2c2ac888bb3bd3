import CNats
import NIOCore

/// What is kept aside.
extension ServerIntake {
    func store(_ letter: DeadLetter, of held: Held, ticket: UInt64) -> Bool {
        let delivery = held.delivery
        var headers = letter.headers(
            adding: held.message.headers, source: "\(delivery.stream):\(delivery.sequence)",
            attempt: held.message.attempt
        ).asNats
        // An id of its own: each group keeps the event once.
        headers[KeptHeader.id] = "dead-\(puller?.group ?? "")-\(delivery.stream)-\(delivery.sequence)"
        let body = delivery.isReadable ? envelope(of: held.message) : held.message.payload.buffer
        return publish(body, headers, ticket)
    }

    /// A request whose handler failed unexpectedly.
    func keep(_ letter: DeadLetter, of message: IncomingMessage) {
        let source = subjects.subject(of: Pattern(message.pattern))
        let headers = letter.headers(adding: message.headers, source: source, attempt: message.attempt).asNats
        _ = publish(envelope(of: message), headers, nil)
    }

    private func envelope(of message: IncomingMessage) -> ByteBuffer {
        var plain = OutgoingMessage(
            pattern: Pattern(message.pattern), payload: message.payload, deadline: .distantFuture)
        plain.ownHeaders = [:]
        var body = ByteBuffer()
        codec.write(OutboundRequest(kind: message.kind, message: plain), to: &body)
        return body
    }

    /// False when it was not handed over; true without a ticket says nothing of its end.
    private func publish(_ body: ByteBuffer, _ headers: MessageHeaders, _ ticket: UInt64?) -> Bool {
        guard let connection, let puller else { return false }
        let subject = puller.options.deadSubject(of: puller.group)
        let status = body.withUnsafeReadableBytes { body -> natsStatus in
            guard let ticket else { return connection.publish(body, to: subject, headers: headers) }
            return inbox.withSubject(ticket, .confirmation) {
                connection.publish(body, to: subject, reply: $0, headers: headers)
            }
        }
        return status == NATS_OK
    }
}

extension MessageHeaders {
    /// The same in lines: what breaks one is a space.
    fileprivate var asNats: MessageHeaders {
        MessageHeaders(
            map { header in
                (
                    header.name,
                    String(String.UnicodeScalarView(header.value.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
                )
            })
    }
}
