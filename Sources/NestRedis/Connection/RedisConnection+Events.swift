import NIOCore
import NIOTLS
import NestSockets

/// What happens to its channel.
extension RedisConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive, !usesTLS { ready.succeed() }
        let pause = TimeAmount(pingInterval)
        pulse = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in self.beat() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if !usesTLS { ready.succeed() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            isSecured = true
            ready.succeed()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded, let reader else { return }
        hasHeard = true
        spinWait?.came(unwrapInboundIn(data).readableBytes)
        LoopTurn.run {
            do throws(TransportError) {
                for reply in try reader.feed(unwrapInboundIn(data)) { receive(reply) }
            } catch {
                end(error)
            }
        }
        holdBackIdleReplies()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if leaving > 0, context.channel.isWritable {
            output.left(leaving)
            leaving = 0
        }
        context.fireChannelWritabilityChanged()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasEnded { owner.readEnds?() }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // In TLS 1.3 a client is ready before the server has looked at its certificate.
        let refusesUs = !hasHeard && TransportError.isRefusal(error)
        end(
            isSecured && !refusesUs
                ? TransportError(losing: address, error) : TransportError(connecting: address, error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    /// The first reason is the true one; what follows it is its consequence.
    func end(_ error: TransportError) {
        if reason == nil { reason = error }
        guard let context else { return ended() }
        context.close(promise: nil)
        ended()
    }

    private func ended() {
        guard !hasEnded else { return }
        hasEnded = true
        let error = reason ?? TransportError(.disconnected, "the connection to \(address) was lost")
        pulse?.cancel()
        var unsent = output.close(error)
        // Before the callers know: who calls again at once must not find this connection.
        gone.succeed(error)
        ready.fail(error)
        for waiter in expected.removeAll() + unsent.removeAll() { fail(waiter, error) }
        reader = nil
    }
}
