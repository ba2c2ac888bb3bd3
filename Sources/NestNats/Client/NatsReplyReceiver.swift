import NIOCore

/// Takes what comes into a client's inbox, on the library's thread for it: a subscription that is asked for its messages
/// would not tell whom a 503 is for.
struct NatsReplyReceiver: Sendable {
    let inbox: NatsInbox
    let pending: PendingReplies
    let streams: NatsStreamLines
    let codec: NestCodec

    func receive(_ message: borrowing NatsMessage, over connection: () -> NatsConnection?) {
        guard let number = inbox.number(in: message.subject) else { return }
        let body = message.body
        guard !body.isEmpty else { return receiveEmpty(message, number, over: connection) }
        if let payload = codec.payload(ofPlain: body) {
            let copy = Self.copy(UnsafeRawBufferPointer(rebasing: body[payload]))
            return settle(number, .success(Payload(trusted: copy), hasPayload: true), over: connection)
        }
        do throws(EnvelopeError) {
            let content = try codec.readResponse(Self.copy(body), in: ByteRange(0, body.count)).content
            guard case .item = content else { return settle(number, content, over: connection) }
            switch streams.note(message.reply, number, over: connection()) {
            case .take where pending.receive(content, id: number): break
            case .ignore: break
            case .take, .refuse: refuse(message, number, over: connection)
            }
        } catch {
            let error = TransportError(.invalidMessage, "the reply is no envelope: \(error.reason)")
            settle(number, .failure(error), over: connection)
        }
    }

    @inline(__always)
    private static func copy(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer {
        var copy = ByteBufferAllocator().buffer(capacity: bytes.count)
        copy.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count) { target in
            target.copyMemory(from: bytes)
            return bytes.count
        }
        return copy
    }

    /// Nobody listens; or a service asks whether somebody still reads its stream.
    private func receiveEmpty(
        _ message: borrowing NatsMessage, _ number: UInt64, over connection: () -> NatsConnection?
    ) {
        if message.isNoResponders {
            settle(
                number, .failure(TransportError(.noResponders, "nobody listens to the pattern")), over: connection)
        } else if message.reply.isEmpty {
            settle(number, .failure(TransportError(.invalidMessage, "the reply is empty")), over: connection)
        } else if case .refuse = streams.note(message.reply, number, over: connection()) {
            refuse(message, number, over: connection)
        }
    }

    private func settle(_ number: UInt64, _ content: InboundResponse.Content, over connection: () -> NatsConnection?) {
        if case .take = streams.end(number, over: connection) { pending.receive(content, id: number) }
    }

    /// Nobody reads this stream any more: its writer did not hear of it.
    private func refuse(_ message: borrowing NatsMessage, _ number: UInt64, over connection: () -> NatsConnection?) {
        guard let connection = connection(), !message.reply.isEmpty else { return }
        var body = ByteBuffer()
        codec.write(.cancel, id: number, to: &body)
        let subject = String(decoding: message.reply, as: UTF8.self)
        _ = body.withUnsafeReadableBytes { connection.publish($0, to: subject) }
        streams.forget(number)
    }
}
