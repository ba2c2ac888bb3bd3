import NIOCore

/// Takes what comes into a client's inbox, on the library's thread for it.
struct NatsReplyReceiver: Sendable {
    let inbox: NatsInbox
    let pending: PendingReplies
    let streams: NatsStreamLines
    let codec: NestCodec

    func receive(_ message: borrowing NatsMessage, over connection: NatsConnection?) {
        guard let number = inbox.number(in: message.subject) else { return }
        let body = message.body
        guard !body.isEmpty else { return receiveEmpty(message, number) }
        let frame = ByteBuffer(bytes: body)
        do throws(EnvelopeError) {
            let content = try codec.readResponse(frame, in: ByteRange(0, body.count)).content
            guard case .item = content else {
                streams.forget(number)
                pending.receive(content, id: number)
                return
            }
            streams.note(message.reply, number)
            guard !pending.receive(content, id: number) else { return }
            // The reader went before it had heard of the writer, which was not told then.
            streams.tell(.cancel, number, over: connection, codec)
            streams.forget(number)
        } catch {
            let error = TransportError(.invalidMessage, "the reply is no envelope: \(error.reason)")
            pending.settle(number, .failure(error))
        }
    }

    /// Nobody listens; or a service asks whether somebody reads its stream, and hears it from the server if not.
    private func receiveEmpty(_ message: borrowing NatsMessage, _ number: UInt64) {
        guard message.reply.isEmpty else { return }
        let error =
            message.isNoResponders
            ? TransportError(.noResponders, "nobody listens to the pattern")
            : TransportError(.invalidMessage, "the reply is empty")
        streams.forget(number)
        pending.settle(number, .failure(error))
    }
}
