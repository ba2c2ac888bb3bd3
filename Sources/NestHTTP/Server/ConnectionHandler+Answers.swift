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
        case .idle, .head, .busy: break
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): write(head, context, promise)
        case .body:
            state.wrote(now: .now())
            context.write(data, promise: promise)
        case .end: endAnswer(context, data, promise)
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

    private func endAnswer(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        keepAlive = nil
        endsAtDrain = false
        connection.endStream()
        guard state.answerEnded(now: .now()) else {
            context.write(data, promise: promise)
            return arm()
        }
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { _ in self.linger() }
        context.writeAndFlush(data, promise: written)
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

    /// Answers in the handler's stead, cancels it, and closes.
    func giveUp(_ problem: HTTPException) {
        guard let context else { return }
        let isComplete = state.pending > 0 && !state.isReading
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in isComplete ? self.close() : self.linger() }
        let isBusy = state.pending > 0
        state.linger(now: .now())
        watch.write(RawAnswer.problem(problem), promise: written)
        if isBusy { connection.giveUp() }
        arm()
    }

    private func close() { context?.close(promise: nil) }
}
