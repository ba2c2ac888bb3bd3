import HTTPTypes
import NIOCore
import NIOHTTPTypes

// What goes out: the handlers' answers, those that no handler gives, and the end behind the last of them.

extension ConnectionHandler {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch state.phase {
        case .lingering, .closed:
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        case .idle, .head, .busy, .discarding: break
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): write(head, context, promise)
        case .body(let bytes):
            state.wrote(bytes.readableBytes, now: .now())
            context.write(data, promise: promise)
        case .end:
            endAnswer()
            context.write(data, promise: promise)
        }
    }

    private func write(_ head: HTTPResponse, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        var head = head
        let closes = head.headerFields[.connection]?.lowercased() == "close"
        // A peer that was given no leave may send its body or not: what comes next cannot be told.
        if state.answerBegan(closes: closes || awaitsContinue, rest: announced.map { $0 - received }, now: .now()),
            !closes
        {
            head.headerFields[.connection] = "close"
        }
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }

    private func endAnswer() {
        keepAlive = nil
        endsAtDrain = false
        hasEnded = true
        connection.endStream()
        state.answerEnded(now: .now())
    }
}

// MARK: - What the system has not taken yet

extension ConnectionHandler {
    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard hasEnded else { return }
        hasEnded = false
        flushMark += 1
        let waiting = waiting
        if waiting == 0 { return flushed(flushMark) }
        state.fellBehind(waiting: waiting, now: .now())
        arm()
        waitForFlush(context, flushMark)
    }

    /// Bytes that the system has not taken.
    var waiting: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func waitForFlush(_ context: ChannelHandlerContext, _ mark: Int) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.flushed(mark) }
        watch.write(ByteBuffer(), promise: written)
    }

    private func flushed(_ mark: Int) {
        // There is a later answer behind it already.
        guard mark == flushMark, !hasEnded else { return }
        state.flushed(now: .now())
        state.isFinished && !isLingering ? linger() : arm()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            state.caughtUp()
        } else {
            state.fellBehind(waiting: waiting, now: .now())
        }
        arm()
        context.fireChannelWritabilityChanged()
    }
}

// MARK: - The end

extension ConnectionHandler {
    private var isLingering: Bool {
        switch state.phase {
        case .lingering, .closed: true
        case .idle, .head, .busy, .discarding: false
        }
    }

    /// Only our direction is closed: a socket that is closed with unread bytes in it resets the peer, and the last
    /// answer may be lost.
    func linger() {
        guard let context else { return }
        if state.isInputClosed { return context.close(promise: nil) }
        state.linger(now: .now())
        context.close(mode: .output, promise: nil)
        arm()
    }

    /// Answers in the handler's stead, cancels it, and closes. The log and the counters have it before the peer.
    func giveUp(_ problem: HTTPException) {
        guard let context else { return }
        let isBusy = state.pending > 0
        let isComplete = isBusy && !state.isReading
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in isComplete ? self.close() : self.linger() }
        state.linger(now: .now())
        front.gaveUp(problem, connection, isServing: isBusy)
        watch.write(RawAnswer.problem(problem), promise: written)
        if isBusy { connection.giveUp(status: problem.status) }
        arm()
    }

    private func close() { context?.close(promise: nil) }
}
