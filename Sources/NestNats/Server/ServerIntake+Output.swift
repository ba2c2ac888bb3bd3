import CNats
import NIOCore

/// From replies to messages.
extension ServerIntake {
    @inline(__always)
    func writeReply(to message: IncomingMessage) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        output.clear()
        codec.write(state.writer, to: &output)
        publish(to: message, stream: nil)
    }

    @inline(__always)
    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?) {
        guard message.kind == .send, !message.replyRange.isEmpty else { return }
        output.clear()
        codec.write(response, id: nil, to: &output)
        publish(to: message, stream: stream)
    }

    /// Publishes what stands in the output; `stream` is where its reader can talk to us.
    @inline(__always)
    private func publish(to message: IncomingMessage, stream: UInt64?) {
        guard let connection else { return keep(message, stream) }
        if output.readableBytes > connection.maxPayload { replace(limit: connection.maxPayload) }
        let status = message.withReplySubject { reply in
            output.withUnsafeReadableBytes { body -> natsStatus in
                guard let stream else { return connection.publish(body, to: reply) }
                return inbox.withSubject(stream) { connection.publish(body, to: reply, reply: $0) }
            }
        }
        if let status, status != NATS_OK { notSent(status) }
    }

    /// There is no connection: the answer waits for the next one. An item of a stream does not, its reader is told that
    /// the stream is broken.
    private func keep(_ message: IncomingMessage, _ stream: UInt64?) {
        guard stream == nil else { return }
        unsent.keep(output, for: message)
        output = ByteBuffer()
    }

    /// There is a connection again.
    func sendUnsent() {
        for (message, bytes) in unsent.takeAll() {
            output = bytes
            publish(to: message, stream: nil)
        }
    }

    private func notSent(_ status: natsStatus) {
        state.logger.debug(
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
