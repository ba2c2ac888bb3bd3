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
        switch state.due(now: .now(), waiting: waiting) {
        case .nothing: break
        case .close: context?.close(promise: nil)
        case .giveUp(let status): giveUp(HTTPException(late: status))
        case .keepAlive: sendKeepAlive()
        }
        arm()
    }

    private func sendKeepAlive() {
        guard let context, let keepAlive, context.channel.isWritable else { return state.wrote(0, now: .now()) }
        state.wrote(keepAlive.readableBytes, now: .now())
        context.writeAndFlush(wrapOutboundOut(.body(keepAlive)), promise: nil)
    }
}
