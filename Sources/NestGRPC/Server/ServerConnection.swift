import Logging
import NIOCore
import NIOTLS

/// A handler that has suspended, and the task that waits in it.
struct SuspendedRun {
    let task: Task<Void, Never>
    let stream: ServerStream
    let kind: MessageKind
}

/// One accepted connection: has nghttp2 find the calls, has them served, has nghttp2 write the answers.
///
/// The calls of a read burst are served one after another, those that need a task by a single one that starts on the event
/// loop at once; only when a handler suspends another task is started for the rest. All answers of a burst leave in one
/// write.
///
/// `@unchecked Sendable`: every member is touched on `loop` only, by channel events and by tasks that prefer the loop.
final class ServerConnection: ChannelInboundHandler, ServedConnection, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// The last answer is on its way.
        case lingering
        case closed
    }

    /// How far the end is that we have asked for.
    enum Drain {
        case none
        /// The peer is told; what it has sent until it hears of it is still taken.
        case announced
        /// Nothing more is taken.
        case leaving
    }

    let services: ServerServices
    let loop: any EventLoop
    /// What it shares with the other connections of its loop.
    let shared: ServerLoop
    @exclusivity(unchecked) var context: ChannelHandlerContext?
    @exclusivity(unchecked) var session: HTTP2Session?
    @exclusivity(unchecked) var phase = Phase.open
    @exclusivity(unchecked) var drainStep = Drain.none
    @exclusivity(unchecked) var timeouts: ConnectionTimeouts<TimeoutKind>?

    // Input
    @exclusivity(unchecked) var isReading = false
    @exclusivity(unchecked) var isTicking = false
    /// Calls are being served, and what is answered leaves at the end of it.
    @exclusivity(unchecked) var isInTurn = false
    /// Messages that may still be taken in this turn.
    @exclusivity(unchecked) var budget = ServerConnection.burst
    /// The peer has said that it speaks HTTP/2.
    @exclusivity(unchecked) var hasGreeted = false
    @exclusivity(unchecked) var hasHeard = false
    @exclusivity(unchecked) var flood = FloodGuard()
    /// Why the peer must not go on: carried out when nghttp2 has returned.
    @exclusivity(unchecked) var offence: String?
    /// Bytes thrown away since the end.
    var discarded = 0

    // Calls
    @exclusivity(unchecked) var streams: [Int32: ServerStream] = [:]
    /// Complete requests that nobody has begun with.
    @exclusivity(unchecked) var ready = Fifo<ServerStream>()
    /// Of those, how many were given up.
    @exclusivity(unchecked) var abandoned = 0
    /// Bytes of requests that are not complete.
    @exclusivity(unchecked) var incompleteBytes = 0
    /// Bytes of requests that were compressed.
    @exclusivity(unchecked) var inflatedBytes = 0
    /// Answered before their requests were complete: reset once the answer has gone out, which a reset would overtake.
    @exclusivity(unchecked) var refused: [ServerStream] = []
    /// The last number that a call has had.
    @exclusivity(unchecked) var lastStream: Int32 = 0
    /// Numbers of calls that were reset: more of them may have been under way.
    @exclusivity(unchecked) var resetStreams = RecentNumbers()
    /// Waits for one of the server's places.
    @exclusivity(unchecked) var parked: ServerStream?
    /// The run that is on the stack, 0 when none is.
    @exclusivity(unchecked) var current = 0
    @exclusivity(unchecked) var lastRun = 0
    /// What the run on the stack serves.
    @exclusivity(unchecked) var currentStream: ServerStream?
    /// Runs whose handler has suspended.
    @exclusivity(unchecked) var suspended: [Int: SuspendedRun] = [:]
    let watchers = HealthWatchers()

    // Output
    let tally = OutputTally()
    @exclusivity(unchecked) var isWritable = true
    @exclusivity(unchecked) var outputHint = 0
    @exclusivity(unchecked) var progress: WriteProgress

    init(services: ServerServices, on shared: ServerLoop) {
        self.services = services
        self.shared = shared
        loop = shared.executor.loop
        progress = WriteProgress(timeout: services.options.writeTimeout)
    }
}

// MARK: - Channel events

extension ServerConnection {
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

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = false
        let bytes = unwrapInboundIn(data)
        guard phase == .open, let session else { return discard(bytes.readableBytes) }
        hasHeard = true
        isInTurn = true
        budget = Self.burst
        if bytes.withUnsafeReadableBytes({ session.receive($0) }) < 0, offence == nil {
            offence = "the peer does not speak HTTP/2"
        }
        pump()
    }

    func channelReadComplete(context: ChannelHandlerContext) { settle() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable { scheduleTick() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted(let name) = event, name != "h2" {
            cut("the peer does not ask for HTTP/2 in TLS")
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { cut("\(error)") }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    private func begin() {
        guard phase == .open, session == nil else { return }
        guard services.registry.add(self) else { return close() }
        do throws(TransportError) {
            let session = try HTTP2Session(.server, owner: self)
            self.session = session
            session.submit(settings)
        } catch {
            return close()
        }
        timeouts?.set(.handshake, after: services.options.handshakeTimeout)
        if services.options.tls == nil { flush() }
        read()
    }

    /// Twice what may be held: a window is enlarged when half of it is free.
    private var settings: HTTP2Session.Settings {
        let options = services.options
        return HTTP2Session.Settings(
            maxConcurrentStreams: options.maxConcurrentStreams, streamWindow: 256 << 10,
            connectionWindow: max(1 << 20, options.maxInFlightBytesPerConnection * 2),
            maxHeaderBytes: options.maxHeaderBytes)
    }
}
