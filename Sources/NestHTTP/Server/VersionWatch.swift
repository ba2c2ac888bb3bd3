import NIOCore
import NIOHTTP1

/// Sees requests in HTTP/1.0, whose peers wait for the end of the connection: the version gets lost behind it.
final class VersionWatch: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let handler: ConnectionHandler

    init(_ handler: ConnectionHandler) { self.handler = handler }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), !head.isKeepAlive { handler.oldPeerCame() }
        context.fireChannelRead(data)
    }
}
