import NIOCore

/// From callers to the socket.
extension ClientConnection {
    private static let outputLimit = 256 << 10

    func takeCommands() {
        for command in outgoing.take() {
            switch command {
            case .start(let call): take(call)
            case .grant(let id, let items): grant(items, id)
            case .cancel(let id): cancel(id)
            }
        }
        flush()
    }

    private func take(_ call: ClientCall) {
        let stream = ClientStream(call, tally)
        if isRetired || hasEnded { return move(stream, reason ?? Self.goingAway(options.address)) }
        if call.kind == .stream { stream.room = options.streamWindow }
        streams[call.id] = stream
        waiting.append(stream)
        waitingBytes += call.message.payload.count
    }

    static func goingAway(_ address: String) -> TransportError {
        TransportError(.disconnected, "the server at \(address) shuts down")
    }

    /// Opens as many calls as the server lets us.
    private func openWaiting() {
        guard !waiting.isEmpty, let session else { return }
        let limit = session.peerMaxConcurrentStreams
        while open.count < limit, let stream = waiting.popFirst() {
            waitingBytes -= stream.call.message.payload.count
            if !stream.isSettled { begin(stream, session) }
        }
        // Those whose callers have gone are passed over above; with a server that lets none through, they are here.
        if waiting.count > 64, waiting.count > streams.count * 2 {
            for stream in waiting.remove(where: \.isSettled) { waitingBytes -= stream.call.message.payload.count }
        }
    }

    private func begin(_ stream: ClientStream, _ session: HTTP2Session) {
        NestRequest.write(stream.call.message, to: &stream.outbox)
        let isCompressed = compress(stream)
        stream.wrote(stream.outbox.readableBytes)
        stream.outputEnd = .endOfStream
        let fields = fields.fields(for: stream.call, isCompressed: isCompressed, now: .now())
        stream.id = session.request(stream, fields)
        guard stream.id > 0 else {
            stream.dropOutput()
            stream.isClosed = true
            retire(TransportError(.disconnected, "the connection has no numbers left for calls"))
            return move(stream, Self.goingAway(options.address))
        }
        open[stream.id] = stream
    }

    /// Nobody waits any more: the server is told, so that the handler need not go on.
    private func cancel(_ id: UInt64) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        stream.isSettled = true
        abandon(stream)
    }

    /// Nothing more is wanted of a call that may not be over.
    func abandon(_ stream: ClientStream) {
        stream.dropOutput()
        heldBytes -= stream.inbox.readableBytes
        stream.inbox = ByteBuffer()
        session?.reset(stream, .cancel)
    }

    func settle(_ stream: ClientStream, _ reply: PendingReplies.Reply) {
        guard !stream.isSettled else { return }
        stream.isSettled = true
        streams[stream.call.id] = nil
        calls.settle(stream.call.id, reply)
    }
}

// MARK: - Writing

extension ClientConnection {
    func flush() {
        guard !hasEnded, isWritable, let session, let context else { return }
        while isWritable, !hasEnded {
            if !isRetired { openWaiting() }
            var bytes = context.channel.allocator.buffer(capacity: min(max(512, outputHint), 64 << 10))
            let isAll = session.take(into: &bytes, limit: Self.outputLimit)
            guard bytes.readableBytes > 0 else { break }
            outputHint = bytes.readableBytes
            write(bytes, context)
            if isAll { break }
        }
        outgoing.note(leaving: waitingBytes + tally.unsent)
        if reason == nil, isRetired, open.isEmpty, streams.isEmpty { fail(Self.goingAway(options.address)) }
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        progress.wrote(bytes.readableBytes)
        if timeouts?.isSet(.write) == false { timeouts?.set(.write, after: progress.interval) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    func expired(_ kind: TimeoutKind) {
        switch kind {
        case .write: checkWrites()
        case .keepalive: keepAlive()
        case .pong: breakOff("it does not answer a ping")
        case .handshake, .idle, .deadline, .farewell: break
        }
    }

    /// Without calls nobody needs to know.
    private func keepAlive() {
        if let interval = options.keepaliveInterval { timeouts?.set(.keepalive, after: interval) }
        guard !hasHeard, !open.isEmpty else { return hasHeard = false }
        session?.ping()
        timeouts?.set(.pong, after: options.keepaliveTimeout)
        flush()
    }

    private func checkWrites() {
        guard let channel = context?.channel else { return }
        switch progress.look(at: channel) {
        case .drained: break
        case .waiting: timeouts?.set(.write, after: progress.interval)
        case .stuck: breakOff("it takes nothing of what is written")
        }
    }
}
