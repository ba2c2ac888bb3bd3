import NIOCore

/// A stream that is being sent: its items wait until its reader can be heard.
struct RedisStreamLine {
    /// Where its reader is heard.
    let control: String
    /// Items that wait for Redis to have the subscription; nil: it has.
    var waiting: [ByteBuffer]? = []
    let message: IncomingMessage
    /// Its last word is among those that wait.
    var isOver = false
}

extension RedisIntake {
    var canStream: Bool { session != nil }

    func waitForRoom() async {
        guard let output = session?.commands.output, !output.hasRoom else { return }
        let loop = loop.loop
        await withUnsafeContinuation { continuation in
            output.whenRoomy { loop.execute { continuation.resume() } }
        }
    }

    /// Sends an item or the end. The reader is listened to from the first item on, and nothing is sent before: what it
    /// says to the first item must find us.
    func send(_ body: ByteBuffer, to message: IncomingMessage, stream: UInt64, _ response: OutboundResponse) {
        if lines[stream] == nil {
            guard case .item = response else { return publish(body, to: message) }
            open(stream, message)
        }
        if lines[stream]?.waiting?.append(body) == nil { publish(body, to: message, whether(stream)) }
        switch response {
        case .item: break
        case .end, .reply: close(stream)
        }
    }

    private func open(_ stream: UInt64, _ message: IncomingMessage) {
        let id = message.quotedCorrelation == nil || plan.mode == .pubSub ? nil : message.correlationID
        let control = RedisKeys.control(replies: message.replyChannel, id: id)
        lines[stream] = RedisStreamLine(control: control, message: message)
        controls[control] = stream
        session?.listen(to: control, .reply { [weak self] in self?.opened(stream, $0) })
    }

    /// The subscription is there; or it is refused, and the stream goes on unheard until its credit is used up.
    private func opened(_ stream: UInt64, _ result: Result<RedisReply, TransportError>) {
        if case .success(let reply) = result, let error = reply.error { trouble.note(error) }
        guard var line = lines[stream] else { return }
        let waiting = line.waiting ?? []
        line.waiting = nil
        lines[stream] = line
        for body in waiting { publish(body, to: line.message, whether(stream)) }
        if line.isOver { end(stream, line) }
    }

    private func close(_ stream: UInt64) {
        guard var line = lines[stream] else { return }
        guard line.waiting != nil else { return end(stream, line) }
        line.isOver = true
        lines[stream] = line
    }

    /// Streams that have ended without a last word: their readers are gone.
    func closeLines() {
        for (stream, line) in lines where state.streams[stream] == nil && !line.isOver { end(stream, line) }
    }

    private func end(_ stream: UInt64, _ line: RedisStreamLine) {
        lines[stream] = nil
        controls[line.control] = nil
        session?.subscriber?.send(["UNSUBSCRIBE", line.control])
    }

    /// Nobody listens to the answers: the reader is gone.
    private func whether(_ stream: UInt64) -> RedisExpected {
        .reply { [weak self] reply in
            guard case .success(let reply) = reply, reply.integer == 0 else { return }
            self?.tell(.cancel, stream)
        }
    }

    /// The reader is asked whether it is still there, without being told anything.
    func probe(_ stream: UInt64, of message: IncomingMessage) {
        guard let commands = session?.commands, plan.mode != .pubSub else { return }
        commands.send(
            ["PUBSUB", "NUMSUB", message.replyChannel],
            .reply { [weak self] reply in
                guard case .success(let reply) = reply, reply.elements.last?.integer == 0 else { return }
                self?.tell(.cancel, stream)
            })
    }

    /// What a reader says on the channel of its stream; nil for another channel.
    func control(_ body: ByteRange, in reply: RedisReply, of stream: UInt64) {
        guard case .control(let control, _)? = try? codec.readRequest(reply.bytes, in: body) else { return }
        tell(control, stream)
    }
}
