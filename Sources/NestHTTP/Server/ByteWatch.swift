import NIOCore

/// Stands before the HTTP codec: sees that bytes have come, which may not be a head yet, and writes what goes past the
/// codec.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Let go of at the end: each holds the other.
    private var handler: ConnectionHandler?
    private var context: ChannelHandlerContext?

    init(_ handler: ConnectionHandler) { self.handler = handler }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        handler = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        handler?.bytesCame()
        context.fireChannelRead(data)
    }

    func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }
}
