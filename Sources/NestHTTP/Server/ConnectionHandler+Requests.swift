import NIOCore

// What the connection's requests and its server ask for.

extension ConnectionHandler {
    func limitAnswer(to limit: TimeAmount?) {
        state.limitAnswer(to: limit, now: .now())
        arm()
    }

    func beginStream(isEndless: Bool, keepAlive: StreamKeepAlive?) {
        self.keepAlive = keepAlive?.bytes
        endsAtDrain = isEndless
        state.streams(keepAlive: keepAlive?.interval, now: .now())
        if state.isInputClosed || (isEndless && state.isDraining) { connection.cancel() }
        arm()
    }

    /// Somebody waits for a piece of the body, or has got it.
    func awaitBody(_ isAwaited: Bool) {
        if isAwaited { continueBody() }
        state.awaits(isAwaited, now: .now())
        if isAwaited { arm() }
    }

    func continueBody() {
        guard awaitsContinue else { return }
        awaitsContinue = false
        watch.write(RawAnswer.continueBody)
    }

    func drain(_ context: ChannelHandlerContext) {
        state.drain()
        if endsAtDrain { connection.cancel() }
        guard state.isFinished else { return }
        switch state.phase {
        case .idle: context.close(promise: nil)
        case .head, .discarding: linger()
        case .busy, .lingering, .closed: break
        }
    }
}
