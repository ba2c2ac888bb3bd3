import Logging
import NIOCore
import NIOTLS

/// One connection to a server: callers from any thread on one side, a socket on the other.
///
/// `@unchecked Sendable`: `pending` and `outgoing` lock by themselves; everything else is touched on `loop` only.
final class ClientConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let pending: PendingReplies
    let outgoing: OutgoingLines
    let loop: any EventLoop
    private let options: TCPOptions
    private let logger: Logger
    private let codec = NestCodec()
    /// Succeeds when requests may be sent: with TLS, after the handshake.
    private let ready: EventLoopPromise<Void>
    private let gone: EventLoopPromise<TransportError>

    @exclusivity(unchecked) private var context: ChannelHandlerContext?
    @exclusivity(unchecked) private var lines: LineBuffer
    @exclusivity(unchecked) private var objectEnd = ObjectEnd()
    @exclusivity(unchecked) private var timeouts: ConnectionTimeouts<TimeoutKind>?
    private var progress: WriteProgress
    @exclusivity(unchecked) private var isWritable = true
    /// Lines wait until the socket takes more.
    @exclusivity(unchecked) private var isHeld = false
    @exclusivity(unchecked) private var hasEnded = false
    /// The TLS handshake is over: the peer is who it should be.
    private var isSecured = false
    private var reason: TransportError?
    /// The server has said something: it is one that works.
    @exclusivity(unchecked) private(set) var hasReceived = false

    init(options: TCPOptions, loop: any EventLoop, logger: Logger) {
        self.options = options
        self.loop = loop
        self.logger = logger
        pending = PendingReplies(eventLoop: loop, limit: options.maxPending)
        outgoing = OutgoingLines(options: options)
        ready = loop.makePromise()
        gone = loop.makePromise()
        lines = LineBuffer(limit: options.maxFrameBytes)
        progress = WriteProgress(timeout: options.writeTimeout)
    }

    /// Succeeds when requests may be sent; fails when that will not be.
    var whenReady: EventLoopFuture<Void> { ready.futureResult }
    /// Why it ended, when it has ended.
    var whenGone: EventLoopFuture<TransportError> { gone.futureResult }
}

// MARK: - Callers

extension ClientConnection {
    /// Writes a registered request; what stands in the way goes to its caller.
    func publish(_ kind: MessageKind, _ message: OutgoingMessage, _ ticket: PendingReplies.Ticket) {
        do throws(TransportError) {
            if try outgoing.append(kind, message, id: ticket.id) { wake() }
        } catch {
            pending.settle(ticket.id, .failure(error))
        }
    }

    /// Says something about a running stream.
    func tell(_ control: StreamControl, _ id: UInt64) {
        if outgoing.append(control, id: id) { wake() }
    }

    /// Fails what waits with `error`, and closes.
    func close(_ error: TransportError) {
        outgoing.close(error)
        pending.failAll(error, closing: true)
        loop.execute { self.fail(error) }
    }

    private func wake() { loop.execute { self.flush() } }
}

// MARK: - Channel events

extension ClientConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timeouts = ConnectionTimeouts(loop: loop) { [unowned self] in expired($0) }
        if context.channel.isActive, options.tls == nil { ready.succeed() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if options.tls == nil { ready.succeed() }
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
        guard !hasEnded else { return }
        hasReceived = true
        var bytes = unwrapInboundIn(data)
        lines.append(&bytes)
        while receiveNext() {}
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        lines.compact()
        if lines.partialBytes == 0 {
            timeouts?.clear(.read)
        } else if timeouts?.isSet(.read) == false {
            timeouts?.set(.read, after: options.readTimeout)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable, isHeld { flush() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isSecured, !refusesUs(error) {
            fail(TransportError(losing: options.address, error))
        } else {
            fail(TransportError(connecting: options.address, error))
        }
    }

    /// In TLS 1.3 a client is ready before the server has looked at its certificate.
    private func refusesUs(_ error: any Error) -> Bool { !hasReceived && TransportError.isRefusal(error) }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    /// The first reason is the true one; what follows it is its consequence.
    private func fail(_ error: TransportError) {
        if reason == nil { reason = error }
        guard let context else { return ended() }
        context.close(promise: nil)
    }

    private func ended() {
        guard !hasEnded else { return }
        hasEnded = true
        let error = reason ?? TransportError(.disconnected, "the connection to \(options.address) was lost")
        timeouts?.stop()
        outgoing.close(error)
        // Before the callers know: who calls again at once must not find this connection.
        gone.succeed(error)
        pending.failAll(error, closing: true)
        ready.fail(error)
    }
}

// MARK: - Reading

extension ClientConnection {
    /// Takes one answer; false when none is whole.
    private func receiveNext() -> Bool {
        guard !hasEnded else { return false }
        switch lines.next() {
        case .line(let range):
            objectEnd.reset()
            timeouts?.clear(.read)
            receive(range)
            return true
        case .tooLong:
            breakOff("an answer is longer than \(options.maxFrameBytes) bytes")
            return false
        case .incomplete: return receiveEarly()
        }
    }

    /// An answer whose newline has not come yet.
    private func receiveEarly() -> Bool {
        let range = lines.partialRange
        guard !range.isEmpty, let length = objectEnd.find(in: lines.bytes, range) else { return false }
        objectEnd.reset()
        receive(ByteRange(range.start, range.start + length))
        lines.skip(to: range.start + length)
        return true
    }

    @inline(__always)
    private func receive(_ range: ByteRange) {
        // What is left of an answer that was taken before its newline came.
        guard !range.isEmpty else { return }
        do throws(EnvelopeError) {
            let response = try codec.readResponse(lines.bytes, in: range)
            guard let id = response.id, id != 0 else { return note(response.content) }
            if !pending.receive(response.content, id: id), case .item = response.content {
                // Its reader has given up before the first item: now the server may be told.
                tell(.cancel, id)
            }
        } catch {
            malformed(error)
        }
    }

    /// What a server says to nobody in particular comes before it closes.
    private func note(_ content: InboundResponse.Content) {
        guard case .failure(let error) = content else { return }
        logger.warning(
            "the server refused something",
            metadata: [
                LogKey.transport: "tcp", LogKey.address: .string("\(options.address)"), LogKey.error: "\(error)",
            ])
        if reason == nil, error.code == .overloaded || error.code == .tooLarge { reason = error }
    }

    private func malformed(_ error: EnvelopeError) {
        let failure = TransportError(.invalidMessage, "the server's answer is no envelope: \(error.reason)")
        guard let id = error.id.flatMap(\.quotedNumber), pending.settle(id, .failure(failure)) else {
            return breakOff("an answer is no envelope: \(error.reason)")
        }
    }

    /// The server cannot be understood.
    private func breakOff(_ why: String) {
        logger.error(
            "connection broken off",
            metadata: [LogKey.transport: "tcp", LogKey.address: .string("\(options.address)"), LogKey.reason: "\(why)"])
        fail(TransportError(.disconnected, "the connection to \(options.address) was broken off: \(why)"))
    }
}

// MARK: - Writing

extension ClientConnection {
    private func flush() {
        guard !hasEnded, let context else { return }
        guard isWritable else { return isHeld = true }
        isHeld = false
        guard let batch = outgoing.take() else { return }
        let size = batch.bytes.readableBytes
        progress.wrote(size)
        if timeouts?.isSet(.write) == false { timeouts?.set(.write, after: progress.interval) }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { self.written(size, batch.events, $0) }
        context.writeAndFlush(wrapOutboundOut(batch.bytes), promise: written)
    }

    /// An event is done with when the socket has it; those of a failed write fail with the connection.
    private func written(_ size: Int, _ events: [UInt64], _ result: Result<Void, any Error>) {
        outgoing.left(size)
        guard case .success = result else { return }
        for id in events { pending.settle(id, .success(.null)) }
    }

    private func expired(_ kind: TimeoutKind) {
        switch kind {
        case .read: breakOff("an answer that has begun does not end")
        case .write: checkWrites()
        case .idle: break
        }
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

extension ByteBuffer {
    /// The number in a quoted JSON string; nil when it is none.
    fileprivate var quotedNumber: UInt64? {
        guard let text = getString(at: readerIndex, length: readableBytes)?.utf8, text.count > 2 else { return nil }
        guard text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else { return nil }
        return UInt64(Substring(text.dropFirst().dropLast()))
    }
}
