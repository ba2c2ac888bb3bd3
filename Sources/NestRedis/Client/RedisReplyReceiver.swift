import NIOCore

/// Takes what comes on a client's channel.
struct RedisReplyReceiver: Sendable {
    let inbox: RedisInbox
    let pending: PendingReplies
    let codec: NestCodec
    /// Tells the writer of a stream that nobody reads it.
    let refuse: @Sendable (UInt64) -> Void

    /// `message channel text`, or `pmessage pattern channel text`.
    func receive(_ reply: RedisReply) {
        var cursor = reply.cursor
        let count = cursor.array() ?? 0
        cursor.skip(count - 2)
        guard let channel = cursor.text(), let body = cursor.text() else { return }
        take(body, in: reply, of: inbox.isPerCall ? cursor.withBytes(channel) { inbox.number(in: $0) } : nil)
    }

    /// An answer; `number` is that of its call when the answer does not name it.
    @inline(__always)
    func take(_ body: ByteRange, in reply: RedisReply, of number: UInt64? = nil) {
        do throws(EnvelopeError) {
            let response = try codec.readResponse(reply.bytes, in: body)
            guard let id = number ?? response.id ?? response.correlationID.flatMap(UInt64.init) else { return }
            if !pending.receive(response.content, id: id), case .item = response.content { refuse(id) }
        } catch {
            guard let id = number ?? error.id.flatMap(Self.number) else { return }
            pending.settle(id, .failure(TransportError(.invalidMessage, "the reply is no envelope: \(error.reason)")))
        }
    }

    private static func number(_ id: ByteBuffer) -> UInt64? {
        UInt64(String(buffer: id).filter { $0 != "\"" })
    }
}
