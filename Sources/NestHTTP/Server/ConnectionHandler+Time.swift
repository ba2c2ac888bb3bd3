import NIOCore
import NIOHTTPTypes

extension ConnectionHandler {
    /// One timer, set anew only when something is due before it: a busy connection hardly ever touches it.
    func arm() {
        guard let context, let deadline = state.deadline, deadline < timerAt else { return }
        timer?.cancel()
        timerAt = deadline
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.timePassed() }
    }

    private func timePassed() {
        timer = nil
        timerAt = .distantFuture
        switch state.due(now: .now()) {
        case .nothing: break
        case .close: context?.close(promise: nil)
        case .giveUp(let status): giveUp(HTTPException(late: status))
        case .keepAlive: sendKeepAlive()
        }
        arm()
    }

    private func sendKeepAlive() {
        state.wrote(now: .now())
        guard let context, let keepAlive, context.channel.isWritable else { return }
        context.writeAndFlush(wrapOutboundOut(.body(keepAlive)), promise: nil)
    }
}

extension HTTPException {
    /// The problem with a request that took too long.
    fileprivate init(late status: Int) {
        if status == 408 {
            self.init(408, "the request did not arrive in time", code: .timeout)
        } else {
            self.init(504, "the request was not answered in time", code: .timeout)
        }
    }
}
