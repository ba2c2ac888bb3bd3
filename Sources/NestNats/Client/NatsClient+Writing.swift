import CNats

/// From messages to the library's.
extension NatsClient {
    /// Where somebody says what became of a message.
    struct Answer {
        let number: UInt64
        let inbox: NatsInbox
        let kind: NatsInbox.Kind
        /// The event that a stream is to keep.
        let event: NatsID?

        init(number: UInt64, _ inbox: NatsInbox, _ kind: NatsInbox.Kind = .answer, _ event: NatsID? = nil) {
            self.number = number
            self.inbox = inbox
            self.kind = kind
            self.event = event
        }
    }

    func write(
        _ kind: MessageKind, _ message: OutgoingMessage, to connection: NatsConnection, _ answer: Answer?
    ) -> natsStatus {
        // The time left travels in the envelope, where it costs nothing.
        if !options.sendsBarePayload, message.ownHeaders.isEmpty {
            return writeEnvelope(kind, message, [:], to: connection, answer)
        }
        var message = message
        let headers = carry(&message)
        guard options.sendsBarePayload else {
            return writeEnvelope(kind, message, headers, to: connection, answer)
        }
        return message.payload.withBytes { body in
            write(body, headers, message.pattern, to: connection, answer)
        }
    }

    @inline(__always)
    private func writeEnvelope(
        _ kind: MessageKind, _ message: OutgoingMessage, _ headers: MessageHeaders, to connection: NatsConnection,
        _ answer: Answer?
    ) -> natsStatus {
        var status = NATS_ERR
        codec.withRequest(kind, message) { body in
            status = write(body, headers, message.pattern, to: connection, answer)
        }
        return status
    }

    @inline(__always)
    private func write(
        _ body: UnsafeRawBufferPointer, _ headers: MessageHeaders, _ pattern: Pattern, to connection: NatsConnection,
        _ answer: Answer?
    ) -> natsStatus {
        guard body.count <= connection.maxPayload else { return NATS_MAX_PAYLOAD }
        return subjects.withSubject(of: pattern) { subject in
            guard let answer else { return connection.publish(body, to: subject, headers: headers) }
            return answer.inbox.withSubject(answer.number, answer.kind) {
                connection.publish(body, to: subject, reply: $0, headers: headers, id: answer.event)
            }
        }
    }

    /// The headers that travel as the broker's own; they are taken out of the message.
    private func carry(_ message: inout OutgoingMessage) -> MessageHeaders {
        if options.sendsBarePayload {
            return MessageHeaders(message.headers.filter(\.fitsNats).map { ($0.name, $0.value) })
        }
        let fitting = message.ownHeaders.filter(\.fitsNats)
        for header in fitting { message.ownHeaders[header.name] = nil }
        return MessageHeaders(fitting.map { ($0.name, $0.value) })
    }
}

extension MessageHeaders.Entry {
    /// NATS headers are lines: names without colons and white space, values without line breaks and outer spaces.
    fileprivate var fitsNats: Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && !value.utf8.contains { $0 < 0x20 || $0 == 0x7F } && value.utf8.first != 0x20 && value.utf8.last != 0x20
    }
}
