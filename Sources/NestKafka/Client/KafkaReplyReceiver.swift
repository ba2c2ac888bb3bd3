import NIOCore

/// Takes what a client is told over its inbox.
struct KafkaReplyReceiver: Sendable {
    let pending: PendingReplies
    let streams: KafkaStreams
    /// Tells the writer of a stream that nobody reads it.
    let refuse: @Sendable (KafkaAddress) -> Void
    private let codec = NestCodec()

    init(pending: PendingReplies, streams: KafkaStreams, refuse: @escaping @Sendable (KafkaAddress) -> Void) {
        self.pending = pending
        self.streams = streams
        self.refuse = refuse
    }

    func receive(_ number: UInt64, _ record: KafkaRecord) {
        let writer = record.headers[KafkaHeader.writer].flatMap { KafkaAddress($0) }
        guard let body = record.value, body.readableBytes > 0 else {
            // A writer asks whether somebody still reads.
            if let writer, !streams.note(writer, number) { refuse(writer) }
            return
        }
        do throws(EnvelopeError) {
            let range = ByteRange(body.readerIndex, body.writerIndex)
            let content = try codec.readResponse(body, in: range).content
            guard case .item = content else { return settle(number, content) }
            let isRead = writer.map { streams.note($0, number) } ?? true
            guard isRead, pending.receive(content, id: number) else {
                if let writer { refuse(writer) }
                return
            }
        } catch {
            let error = TransportError(.invalidMessage, "the reply is no envelope: \(error.reason)")
            settle(number, .failure(error))
        }
    }

    private func settle(_ number: UInt64, _ content: InboundResponse.Content) {
        streams.forget(number)
        pending.receive(content, id: number)
    }
}
