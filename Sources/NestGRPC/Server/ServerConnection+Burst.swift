import NIOCore

/// The rhythm: a burst is read, served, answered; then the next one is asked for.
extension ServerConnection {
    /// Bytes that leave in one write.
    static let outputLimit = 256 << 10

    static var receiveAllocator: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 64 << 10)
    }

    /// Ends a burst: what was answered leaves, and the next bytes are asked for.
    func settle() {
        isInTurn = false
        flush()
        if let offence { return cut(offence) }
        guard phase == .open, let session else { return }
        if isDone || (drainStep == .none && session.isOver) { return finish() }
        if !ready.isEmpty, mayTake { scheduleTick() } else { read() }
    }

    /// Goes on at the next turn of the loop: with requests left over, with places that came free, with late answers.
    func scheduleTick() {
        guard !isTicking, phase == .open else { return }
        isTicking = true
        loop.assumeIsolated().execute {
            self.isTicking = false
            self.isInTurn = true
            self.budget = Self.burst
            self.pump()
            self.settle()
        }
    }

    /// While the socket takes nothing, nothing is read: a peer that does not listen is not listened to.
    func read() {
        guard !isReading, isWritable, phase != .closed, let context else { return }
        isReading = true
        context.read()
    }

    func flush() {
        guard phase == .open, isWritable, let session, let context else { return }
        while isWritable, phase == .open {
            var bytes = context.channel.allocator.buffer(capacity: min(max(512, outputHint), 64 << 10))
            let isAll = session.take(into: &bytes, limit: Self.outputLimit)
            resumeWriters()
            if isAll, !refused.isEmpty {
                resetRefused(session)
                _ = session.take(into: &bytes, limit: .max)
            }
            guard bytes.readableBytes > 0 else { return }
            outputHint = bytes.readableBytes
            write(bytes, context)
            if isAll { return }
        }
    }

    /// Their answers are out.
    private func resetRefused(_ session: HTTP2Session) {
        for stream in refused where !stream.isComplete { session.reset(stream, .noError) }
        refused = []
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        progress.wrote(bytes.readableBytes)
        if timeouts?.isSet(.write) == false { timeouts?.set(.write, after: progress.interval) }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// They go on at the next turn: what they write must not come between what is being taken.
    private func resumeWriters() {
        guard !tally.roomy.isEmpty else { return }
        let streams = tally.roomy
        tally.roomy = []
        for case let stream as ServerStream in streams { stream.resumeWriter() }
    }

    /// Something has come that shows that the connection is of use.
    func noteCall() {
        if let idle = services.options.idleTimeout { timeouts?.set(.idle, after: idle) }
    }

    func watchPeer() {
        if let interval = services.options.keepaliveInterval { timeouts?.set(.keepalive, after: interval) }
    }

    func expired(_ kind: TimeoutKind) {
        switch kind {
        case .handshake: cut("the peer does not say that it speaks HTTP/2")
        case .write: checkWrites()
        case .idle: streams.isEmpty ? drain() : noteCall()
        case .keepalive: keepAlive()
        case .pong: cut("the peer does not answer a ping")
        case .deadline: expireCalls()
        case .farewell: farewellIsOver()
        }
    }

    private func keepAlive() {
        defer { watchPeer() }
        guard !hasHeard else { return hasHeard = false }
        session?.ping()
        timeouts?.set(.pong, after: services.options.keepaliveTimeout)
        flush()
    }

    private func checkWrites() {
        guard let channel = context?.channel else { return }
        switch progress.look(at: channel) {
        case .drained: break
        case .waiting: timeouts?.set(.write, after: progress.interval)
        case .stuck: close()
        }
    }
}

// MARK: - Deadlines

extension ServerConnection {
    /// A handler that has suspended is cancelled when its caller stops waiting, whether the caller says so or not.
    func watchDeadline(of stream: ServerStream) {
        guard let deadline = stream.deadline else { return }
        timeouts?.advance(.deadline, to: deadline)
    }

    private func expireCalls() {
        let now = NIODeadline.now()
        var next: NIODeadline?
        for run in suspended.values where run.kind == .send {
            guard let deadline = run.stream.deadline else { continue }
            guard deadline <= now else {
                next = min(next ?? deadline, deadline)
                continue
            }
            finish(run.stream, GRPCStatus(.deadlineExceeded, "the handler has not answered in time", name: .timeout))
            run.stream.credit?.cancel()
            run.task.cancel()
        }
        if let next { timeouts?.advance(.deadline, to: next) }
    }
}
