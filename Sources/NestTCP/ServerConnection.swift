import Logging
import NIOCore
import NIOTLS

/// One accepted connection: finds the lines, has them served, writes the answers.
///
/// The messages of a read burst are served one after another, those that need a task by a single one that starts on the
/// event loop at once; only when a handler suspends another task is started for the rest. All answers of a burst leave in
/// one write.
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

    /// Why no more messages are wanted; what has been taken is still answered, then the connection ends.
    enum Ending {
        /// The peer has sent its last byte.
        case inputClosed
        /// The server shuts down, or nothing has happened for long.
        case draining
        /// A line was too long: what follows cannot be understood.
        case refused
    }

    // What each message touches is not checked for overlapping access at run time, which would cost as much as finding
    // its handler: nothing but the loop ever touches it.

    let services: ServerServices
    let loop: any EventLoop
    /// What it shares with the other connections of its loop.
    let shared: ServerLoop
    @exclusivity(unchecked) var context: ChannelHandlerContext?
    @exclusivity(unchecked) var phase = Phase.open
    @exclusivity(unchecked) var ending: Ending?
    @exclusivity(unchecked) var timeouts: ConnectionTimeouts<TimeoutKind>?

    // Input
    @exclusivity(unchecked) var lines: LineBuffer
    /// Every whole line that has come is taken.
    @exclusivity(unchecked) var isStarved = true
    /// A line has ended since the read timeout was looked at.
    var hasEndedLine = false
    @exclusivity(unchecked) var isReading = false
    /// The read timeout is the handshake's.
    var isHandshaking = false
    var isTicking = false
    var hasServed = false
    /// While draining: bytes that lay in the socket at its beginning and were not read yet.
    var unread = 0
    /// Messages that may still be taken in this turn.
    @exclusivity(unchecked) var budget = ServerConnection.burst

    // Output
    @exclusivity(unchecked) var output = ByteBuffer()
    var outputHint = 0
    @exclusivity(unchecked) var isWritable = true
    var progress: WriteProgress
    /// Streams that wait until the socket takes more.
    var writers: [UnsafeContinuation<Void, Never>] = []
    /// Writes followed to their end that have not reached it.
    var unwritten = 0

    // Messages
    /// Waits for one of the server's places.
    @exclusivity(unchecked) var parked: IncomingMessage?
    /// The run that is on the stack, 0 when none is.
    @exclusivity(unchecked) var current = 0
    var lastRun = 0
    /// What the run on the stack serves.
    @exclusivity(unchecked) var currentKind = MessageKind.send
    /// What the run on the stack serves is a stream.
    var currentIsStream = false
    /// The bytes that the messages of this read lie in, once one of them is held.
    @exclusivity(unchecked) var frame: HeldFrame?
    /// Bytes that suspended handlers keep in memory.
    @exclusivity(unchecked) var heldBytes = 0
    /// Runs whose handler has suspended.
    @exclusivity(unchecked) var suspended: [Int: SuspendedRun] = [:]
    @exclusivity(unchecked) var streams: [ByteBuffer: OpenStream] = [:]

    init(services: ServerServices, on shared: ServerLoop) {
        self.services = services
        self.shared = shared
        loop = shared.executor.loop
        lines = LineBuffer(limit: services.options.maxFrameBytes)
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
        guard phase == .open else { return context.fireChannelRead(data) }
        guard ending != .refused else { return }
        var bytes = unwrapInboundIn(data)
        noteTraffic()
        unread -= bytes.readableBytes
        frame = nil
        lines.append(&bytes)
        isStarved = false
        hasServed = true
        pump()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard phase == .open else { return context.fireChannelReadComplete() }
        settle()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            resumeWriters()
            scheduleTick()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed, phase == .open {
            ending = .inputClosed
            isReading = false
            scheduleTick()
        }
        if event is TLSUserEvent {
            isHandshaking = false
            timeouts?.clear(.read)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { cut("\(error)") }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    private func begin() {
        guard phase == .open else { return }
        isHandshaking = services.options.tls != nil
        guard services.registry.add(self) else { return drain() }
        noteTraffic()
        if isHandshaking { timeouts?.set(.read, after: services.options.readTimeout) }
        read()
    }
}
