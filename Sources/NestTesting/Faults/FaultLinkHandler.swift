import NIOCore

/// One of the two sockets. `direction` is where its bytes go.
final class FaultLinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: FaultLink
    private let direction: Fault.Direction

    init(_ link: FaultLink, _ direction: Fault.Direction) {
        self.link = link
        self.direction = direction
    }

    func channelActive(context: ChannelHandlerContext) { link.opened(direction) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { link.received(unwrapInboundIn(data), direction) }

    func channelReadComplete(context: ChannelHandlerContext) { link.readComplete(direction) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { link.writable(direction == .toServer ? .toClient : .toServer) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { link.ended(direction) }
    }

    func channelInactive(context: ChannelHandlerContext) { link.closed(direction) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { link.closed(direction) }
}
