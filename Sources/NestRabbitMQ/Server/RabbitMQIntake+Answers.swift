import NIOCore

/// From answers to messages.
extension RabbitMQIntake {
    /// Sends the reply that stands in the writer.
    func writeReply(to message: IncomingMessage) {
        guard message.kind == .send, let address = delivery(of: message)?.answerAddress(message) else { return }
        output.clear()
        codec.write(state.writer, to: &output)
        send(to: address, stream: nil, message: message)
    }

    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?) {
        guard message.kind == .send, let address = delivery(of: message)?.answerAddress(message) else { return }
        output.clear()
        codec.write(response, id: nil, to: &output)
        send(to: address, stream: stream, message: message)
    }

    func send(
        _ response: OutboundResponse, to address: (queue: String, id: String), stream: UInt64?, deadline: NIODeadline
    ) {
        output.clear()
        codec.write(response, id: nil, to: &output)
        publishing?.replies.publish(parcel(output, address, stream, deadline))
    }

    private func send(to address: (queue: String, id: String), stream: UInt64?, message: IncomingMessage) {
        let deadline = message.deadline ?? .distantFuture
        guard let publishing else {
            // An item of a stream does not wait: its reader is told that the stream is broken.
            if stream == nil { unsent.keep(output, for: message) }
            return output = ByteBuffer()
        }
        publishing.replies.publish(parcel(output, address, stream, deadline))
    }

    private func parcel(
        _ body: ByteBuffer, _ address: (queue: String, id: String), _ stream: UInt64?, _ deadline: NIODeadline
    ) -> Parcel {
        var properties = AMQPProperties()
        properties.contentType = "application/json"
        properties.correlationID = address.id
        if let stream {
            properties.replyTo = ClientLine.replyTo
            properties.messageID = String(stream)
        }
        return Parcel(replyTo: address.queue, properties, body, deadline: deadline)
    }

    /// There is a connection again.
    func sendUnsent() {
        for (message, bytes) in unsent.takeAll() {
            guard let address = delivery(of: message)?.answerAddress(message) else { continue }
            publishing?.replies.publish(parcel(bytes, address, nil, message.deadline ?? .distantFuture))
        }
    }
}

// MARK: - Streams

extension RabbitMQIntake {
    var canStream: Bool { publishing != nil }

    func waitForRoom() async {
        guard publishing?.replies.isFull == true else { return }
        await withUnsafeContinuation { writers.append($0) }
    }

    /// What a reader says about its stream.
    func hear(_ message: AMQPDelivery) {
        guard let number = message.correlationNumber, let body = message.body else { return }
        let range = ByteRange(body.readerIndex, body.writerIndex)
        guard case .control(let control, _)? = try? codec.readRequest(body, in: range) else { return }
        tell(control, number)
    }

    /// An empty message, which a client that reads no more answers; and a look whether the client is there at all.
    func probe(_ stream: UInt64, of message: IncomingMessage) {
        guard let publishing, let address = delivery(of: message)?.answerAddress(message) else { return }
        publishing.replies.publish(parcel(ByteBuffer(), address, stream, .distantFuture))
        publishing.connection.onNewChannel { channel in
            channel.ask(.inspectQueue(address.queue)) { [weak self] result in
                guard case .failure(let error) = result else { return channel.ask(.closeChannel) { _ in } }
                if error.code == .notFound { self?.tell(.cancel, stream) }
            }
        }
    }
}
