import Logging
import NIOCore
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a connection ends: after its last answer, or at once.
extension ServerConnection {
    /// Takes no more messages, answers those that were taken, then closes.
    ///
    /// What lies in the socket at this moment is still read and served; what is under way is lost.
    func drain() {
        guard phase == .open, ending == nil else { return }
        if isHandshaking { return close() }
        ending = .draining
        unread = bytesInSocket
        scheduleTick()
    }

    /// Cancels the handlers that have suspended; what they answer to it is still sent.
    func cancelHandlers() {
        for run in suspended.values { run.task.cancel() }
        for stream in streams.values { stream.credit.cancel() }
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

    /// Bytes that have come and were not read yet.
    var bytesInSocket: Int {
        guard let operations = context?.channel.pipeline.syncOperations else { return 0 }
        let count = try? operations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            var count: CInt = 0
            return ioctl(socket, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
        }
        return count ?? 0
    }

    /// A peer that breaks the rules costs itself its connection.
    func cut(_ reason: String) {
        services.logger.debug(
            "connection cut",
            metadata: [
                LogKey.transport: "tcp", LogKey.peer: .string(context?.remoteAddress?.description ?? ""),
                LogKey.reason: .string(reason),
            ])
        close()
    }

    /// A line that is no message. The connection stays usable.
    func refuse(_ reason: String, id: ByteBuffer?, _ output: inout ByteBuffer) {
        _ = services.dispatcher.malformed(reason)
        services.logger.debug("malformed line", metadata: [LogKey.transport: "tcp", LogKey.reason: .string(reason)])
        let isString = id?.getInteger(at: id?.readerIndex ?? 0, as: UInt8.self) == UInt8(ascii: "\"")
        let response = WireResponse.failure(TransportError("", "invalid request"))
        write(.reply(response), id: isString ? id ?? Self.noID : Self.noID, to: &output)
    }

    /// A line that is too long: the peer is told, and what follows is thrown away.
    func refuseLongLine(_ output: inout ByteBuffer) {
        _ = services.dispatcher.malformed("a line is longer than the limit")
        let response = WireResponse.failure(TransportError(.tooLarge, "invalid request"))
        write(.reply(response), id: Self.noID, to: &output)
        ending = .refused
        isStarved = true
    }

    /// What answers to lines without a readable id carry.
    static let noID = ByteBuffer(string: #""0""#)

    /// Everything is answered: closes as soon as the last byte has left.
    func finish() {
        guard phase == .open, let context else { return }
        phase = .lingering
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: trackedPromise(context))
    }

    func leaveWhenWritten() {
        guard phase == .lingering, unwritten == 0, let context else { return }
        if ending == .inputClosed || !hasServed { return close() }
        let time: TimeAmount = ending == .refused ? .seconds(5) : .seconds(1)
        do {
            try context.pipeline.syncOperations.addHandler(LingeringClose(time: time), position: .after(self))
        } catch {
            close()
        }
    }

    /// The connection is gone: nobody waits for its requests. Events are nobody's to cancel.
    func ended() {
        guard phase != .closed else { return }
        phase = .closed
        timeouts?.stop()
        parked = nil
        lines = LineBuffer(limit: services.options.maxFrameBytes)
        output = ByteBuffer()
        for stream in streams.values { cancel(stream) }
        for run in suspended.values where run.kind == .send { run.task.cancel() }
        resumeWriters()
        services.registry.leave(self)
    }
}
