import NIOCore

/// Ends a connection so that its last answer arrives: a socket that is closed with unread bytes in it resets the peer,
/// and the answer may be lost. So only our direction is closed, and what still comes is thrown away until the peer
/// closes too, within bounds of bytes and time.
final class LingeringClose: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let maxBytes = 64 << 20
    private let time: TimeAmount
    /// Written first, if there is something.
    private var farewell: ByteBuffer?
    private var discarded = 0
    private var timer: Scheduled<Void>?

    init(farewell: ByteBuffer? = nil, time: TimeAmount = .seconds(5)) {
        self.farewell = farewell
        self.time = time
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) { begin(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        discarded += unwrapInboundIn(data).readableBytes
        if discarded > Self.maxBytes { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.read() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    private func begin(_ context: ChannelHandlerContext) {
        guard timer == nil else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
        if let farewell {
            context.writeAndFlush(wrapOutboundOut(farewell), promise: nil)
            self.farewell = nil
        }
        context.close(mode: .output, promise: nil)
        context.read()
    }
}
