import Logging
import NIOCore
import NIOSSL

/// How a connection ends: after its last answer, or at once.
extension ServerConnection {
    private static let farewellTime = Duration.seconds(1)
    private static let discardLimit = 16 << 20

    /// Takes no more calls, answers those that were taken, then closes.
    ///
    /// The peer is told first, and asked whether it has heard: calls that are under way at this moment are still served.
    func drain() {
        guard phase == .open, drainStep == .none else { return }
        guard hasGreeted else { return close() }
        drainStep = .announced
        session?.announceEnd()
        session?.ping()
        timeouts?.set(.farewell, after: Self.farewellTime)
        endWatches()
        scheduleTick()
    }

    /// From here on the peer's new calls are refused: it knows that they have not begun, and makes them elsewhere.
    func leave() {
        guard drainStep == .announced else { return }
        drainStep = .leaving
        timeouts?.clear(.farewell)
        session?.goAway()
        scheduleTick()
    }

    /// Everything that was taken is answered, and nothing more is wanted.
    var isDone: Bool {
        drainStep == .leaving && streams.isEmpty && suspended.isEmpty && parked == nil && ready.isEmpty && current == 0
            && session?.wantsToWrite == false
    }

    /// Cancels the handlers that have suspended; what they answer to it is still sent.
    func cancelHandlers() {
        for run in suspended.values { run.task.cancel() }
        for stream in streams.values { stream.credit?.cancel() }
    }

    /// Closes as it is. TLS says goodbye, and does not wait for the peer's.
    func close() {
        guard let context else { return }
        let channel = context.channel
        context.close(promise: nil)
        guard services.options.tls != nil else { return }
        let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        tls?.close(promise: nil)
    }

    /// A peer that breaks the rules costs itself its connection. What nghttp2 has to say about it is still sent.
    func cut(_ reason: String) {
        guard phase == .open else { return }
        services.logger.debug(
            "connection cut",
            metadata: [
                LogKey.transport: "grpc", LogKey.peer: .string(context?.remoteAddress?.description ?? ""),
                LogKey.reason: .string(reason),
            ])
        finish()
    }

    /// Closes our direction when the last byte has left, then waits a moment for the peer to close its own: a socket
    /// that is closed with unread bytes in it resets the peer, and the last answers may be lost.
    func finish() {
        flush()
        guard phase == .open, let context else { return }
        phase = .lingering
        timeouts?.set(.farewell, after: Self.farewellTime)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in
            guard self.phase == .lingering else { return }
            self.context?.close(mode: .output, promise: nil)
            self.read()
        }
        if !streams.isEmpty { abandonCalls() }
    }

    func discard(_ bytes: Int) {
        discarded += bytes
        if discarded > Self.discardLimit { close() } else { read() }
    }

    func farewellIsOver() {
        if phase == .lingering { close() } else { leave() }
    }

    /// The connection is gone: nobody waits for its calls.
    func ended() {
        guard phase != .closed else { return }
        phase = .closed
        timeouts?.stop()
        watchers.end()
        parked = nil
        ready = Fifo()
        abandonCalls()
        session = nil
        services.registry.leave(self)
    }

    private func abandonCalls() {
        let open = streams
        streams = [:]
        for stream in open.values {
            stream.isClosed = true
            forget(stream)
        }
    }
}
