import CNats
import NIOCore

/// From outcomes to messages. What a stream has brought is settled with it. Core NATS keeps nothing: what other
/// transports would deliver again is done with once its caller knows.
extension ServerIntake {
    @inline(__always)
    func answer(_ outcome: Outcome, to message: IncomingMessage) {
        if let delivery = message.delivery { return kept?.settle(outcome, message, delivery) ?? () }
        switch outcome {
        case .reply(let response): write(.reply(response), to: message)
        case .replyAndDeadLetter(let response, let letter):
            write(.reply(response), to: message)
            kept?.keep(letter, of: message)
        case .done, .retry, .deadLetter, .stream: return
        }
    }

    /// Publishes the reply that stands in the writer.
    @inline(__always)
    func writeReply(to message: IncomingMessage) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        output.clear()
        codec.write(writer, to: &output)
        publish(to: message)
    }

    /// Publishes a response; `listening` is where its reader can talk to us.
    @inline(__always)
    func write(_ response: OutboundResponse, to message: IncomingMessage, listening: UInt64? = nil) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        output.clear()
        codec.write(response, id: nil, to: &output)
        publish(to: message, listening: listening)
    }

    @inline(__always)
    private func publish(to message: IncomingMessage, listening: UInt64? = nil) {
        guard let connection else { return keep(message, listening) }
        if output.readableBytes > connection.maxPayload { replace(limit: connection.maxPayload) }
        let status = message.withReplySubject { reply in
            output.withUnsafeReadableBytes { body -> natsStatus in
                guard let listening else { return connection.publish(body, to: reply) }
                return inbox.withSubject(listening) { connection.publish(body, to: reply, reply: $0) }
            }
        }
        if let status, status != NATS_OK { notSent(status) }
    }

    /// There is no connection: the answer waits for the next one, as long as its caller waits. An item of a stream does
    /// not, its reader is told that the stream is broken.
    private func keep(_ message: IncomingMessage, _ listening: UInt64?) {
        guard listening == nil, unsentBytes + output.readableBytes <= options.maxBufferedBytes else { return }
        unsentBytes += output.readableBytes
        unsent.append((message, output))
        output = ByteBuffer()
    }

    /// There is a connection again.
    func sendUnsent() {
        let all = unsent
        unsent = []
        unsentBytes = 0
        let now = NIODeadline.now()
        for (message, bytes) in all where !message.isExpired(at: now) {
            output = bytes
            publish(to: message)
        }
    }

    private func notSent(_ status: natsStatus) {
        logger.debug(
            "an answer could not be sent",
            metadata: [LogKey.transport: "nats", LogKey.error: "\(TransportError(nats: status, "answering"))"])
    }

    /// The answer is larger than any message may be.
    private func replace(limit: Int) {
        output.clear()
        let error = TransportError(.tooLarge, "the reply is larger than \(limit) bytes, the limit of the NATS server")
        codec.write(.reply(.failure(error)), id: nil, to: &output)
    }
}
