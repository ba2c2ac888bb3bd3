import Logging
import NIOCore
import NIOTLS

/// Whom a connection tells about what it cannot do itself.
protocol ClientConnectionOwner: AnyObject, Sendable {
    /// It takes no calls any more. Those it has may still be answered.
    func retired(_ connection: ClientConnection, _ error: TransportError)
    /// A call that the server has certainly not begun.
    func move(_ call: ClientCall, from connection: ClientConnection, _ error: TransportError)
}

/// One connection to a server: callers from any thread on one side, a socket on the other.
///
/// `@unchecked Sendable`: `calls` and `outgoing` lock by themselves; everything else is touched on `loop` only.
final class ClientConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of a streaming reply that may come before its reader has taken some.
    static let streamWindow = 256 << 10

    let calls: PendingReplies
    let outgoing: OutgoingCalls
    let loop: any EventLoop
    let options: GRPCOptions
    let logger: Logger
    weak var owner: (any ClientConnectionOwner)?
    /// Succeeds when the server has said that it speaks HTTP/2.
    private let ready: EventLoopPromise<Void>
    private let gone: EventLoopPromise<TransportError>

    @exclusivity(unchecked) var context: ChannelHandlerContext?
    @exclusivity(unchecked) var session: HTTP2Session?
    @exclusivity(unchecked) var timeouts: ConnectionTimeouts<TimeoutKind>?
    let fields: CallFields
    let tally = OutputTally()
    var progress: WriteProgress
    @exclusivity(unchecked) var isWritable = true
    @exclusivity(unchecked) var outputHint = 0

    /// Calls by their numbers in the table of those that wait.
    @exclusivity(unchecked) var streams: [UInt64: ClientStream] = [:]
    /// Calls that nghttp2 knows.
    @exclusivity(unchecked) var open: [Int32: ClientStream] = [:]
    /// Calls that the server lets us not open yet.
    @exclusivity(unchecked) var waiting = Fifo<ClientStream>()
    @exclusivity(unchecked) var waitingBytes = 0
    /// Bytes of answers that are not whole.
    @exclusivity(unchecked) var heldBytes = 0
    let gzip = Gzip()
    /// The server has said that it takes compressed requests, and the options that it gets them.
    @exclusivity(unchecked) var takesGzip = false

    /// No new calls: the server has said so, or their numbers are used up.
    @exclusivity(unchecked) var isRetired = false
    @exclusivity(unchecked) var hasEnded = false
    var isSecured = false
    var reason: TransportError?
    @exclusivity(unchecked) var hasHeard = false
    /// The server has answered a call: it is one that works.
    @exclusivity(unchecked) var hasAnswered = false

    init(
        options: GRPCOptions, calls: PendingReplies, loop: any EventLoop, logger: Logger,
        owner: any ClientConnectionOwner
    ) {
        self.options = options
        self.calls = calls
        self.loop = loop
        self.logger = logger
        self.owner = owner
        outgoing = OutgoingCalls(options: options)
        fields = CallFields(options)
        ready = loop.makePromise()
        gone = loop.makePromise()
        progress = WriteProgress(timeout: options.writeTimeout)
    }

    /// Succeeds when calls may be made; fails when that will not be.
    var whenReady: EventLoopFuture<Void> { ready.futureResult }
    /// Why it ended, when it has ended.
    var whenGone: EventLoopFuture<TransportError> { gone.futureResult }
}

// MARK: - Callers

extension ClientConnection {
    /// Makes a registered call; what stands in the way goes to its caller.
    func start(_ call: ClientCall) {
        do throws(TransportError) {
            if try outgoing.append(call) { wake() }
        } catch {
            guard error.code == .disconnected, let owner else { return _ = calls.settle(call.id, .failure(error)) }
            owner.move(call, from: self, error)
        }
    }

    /// Says something about a call.
    func tell(_ command: OutgoingCalls.Command) {
        if outgoing.append(command) { wake() }
    }

    /// Fails what waits with `error`, and closes.
    func close(_ error: TransportError) {
        outgoing.close(error)
        loop.execute { self.fail(error) }
    }

    private func wake() { loop.execute { self.takeCommands() } }
}

// MARK: - Channel events

extension ClientConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timeouts = ConnectionTimeouts(loop: loop) { [unowned self] in expired($0) }
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted(let name) = event {
            isSecured = true
            if name != "h2" {
                fail(TransportError(.disconnected, "\(options.address) does not speak HTTP/2 over TLS"))
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded, let session else { return }
        hasHeard = true
        let bytes = unwrapInboundIn(data)
        if bytes.withUnsafeReadableBytes({ session.receive($0) }) < 0 {
            breakOff("what it sends is no HTTP/2")
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { flush() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { loop.assumeIsolated().execute { self.flush() } }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let refusesUs = !hasHeard && TransportError.isRefusal(error)
        if isSecured, !refusesUs {
            fail(TransportError(losing: options.address, error))
        } else {
            fail(TransportError(connecting: options.address, error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    private func begin() {
        guard session == nil, !hasEnded else { return }
        do throws(TransportError) {
            let session = try HTTP2Session(.client, owner: self)
            self.session = session
            session.submit(
                HTTP2Session.Settings(
                    streamWindow: Self.streamWindow, connectionWindow: 16 << 20, maxHeaderBytes: options.maxHeaderBytes,
                    isClient: true))
        } catch {
            return fail(error)
        }
        flush()
    }

    /// The server has said that it speaks HTTP/2.
    func greeted() {
        if let interval = options.keepaliveInterval, timeouts?.isSet(.keepalive) == false {
            timeouts?.set(.keepalive, after: interval)
        }
        ready.succeed()
    }
}

// MARK: - The end

extension ClientConnection {
    /// The first reason is the true one; what follows it is its consequence.
    func fail(_ error: TransportError) {
        guard reason == nil else { return }
        reason = error
        guard let context else { return ended() }
        session?.terminate(.noError)
        flush()
        context.close(promise: nil)
    }

    /// The server cannot be understood, or does not listen. Never called while nghttp2 is at work.
    func breakOff(_ why: String) {
        logger.error(
            "connection broken off",
            metadata: [LogKey.transport: "grpc", LogKey.address: .string(options.address), LogKey.reason: "\(why)"])
        fail(TransportError(.disconnected, "the connection to \(options.address) was broken off: \(why)"))
    }

    /// Takes no new calls: those that were not begun go elsewhere, and it ends when the others are answered.
    func retire(_ error: TransportError) {
        guard !isRetired else { return }
        isRetired = true
        outgoing.close(error)
        owner?.retired(self, error)
        moveWaiting(error)
    }

    func moveWaiting(_ error: TransportError) {
        let calls = waiting.removeAll()
        waitingBytes = 0
        for stream in calls where !stream.isSettled { move(stream, error) }
    }

    func move(_ stream: ClientStream, _ error: TransportError) {
        stream.isSettled = true
        streams[stream.call.id] = nil
        guard let owner else { return _ = calls.settle(stream.call.id, .failure(error)) }
        owner.move(stream.call, from: self, error)
    }

    private func ended() {
        guard !hasEnded else { return }
        hasEnded = true
        let error = reason ?? TransportError(.disconnected, "the connection to \(options.address) was lost")
        timeouts?.stop()
        // Before the callers know: who calls again at once must not find this connection.
        outgoing.close(error)
        owner?.retired(self, error)
        for case .start(let call) in outgoing.take() { waiting.append(ClientStream(call, tally)) }
        moveWaiting(error)
        // What has come whole is still read.
        let lost = streams.values.filter { !$0.isInputEnded }
        for stream in lost {
            streams[stream.call.id] = nil
            stream.isSettled = true
            calls.settle(stream.call.id, .failure(error))
        }
        for stream in open.values { stream.isClosed = true }
        open = [:]
        session = nil
        gone.succeed(error)
        ready.fail(error)
    }
}
