import NIOCore
import NIOHTTP1

/// Looks at each request's head as it stood on the wire: how old the peer's HTTP is, what the head asks of the
/// connection, and what is wrong with it.
final class RequestCheck: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let handler: ConnectionHandler
    private let compresses: Bool
    private var isLastForDecoder = false

    init(_ handler: ConnectionHandler, compresses: Bool) {
        self.handler = handler
        self.compresses = compresses
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): context.fireChannelRead(checked(head, context).map { wrapInboundOut(.head($0)) } ?? data)
        case .body: context.fireChannelRead(data)
        case .end:
            // The decoder would keep what follows, without end.
            if isLastForDecoder { handler.watch.stopListening() }
            context.fireChannelRead(data)
        }
    }

    /// The head, if it is to be another than it was.
    private func checked(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> HTTPRequestHead? {
        let verdict = RequestVerdict(head)
        isLastForDecoder = verdict.isLastForDecoder
        handler.headComing(verdict)
        var changed = head
        if head.version == .http1_0 {
            changed.headers.remove(name: "expect")
            answerOldPeer(context)
        } else if compresses, head.method == .HEAD {
            // The compressor does not know of answers without a body.
            changed.headers.remove(name: "accept-encoding")
        } else {
            return nil
        }
        return changed
    }

    /// Behind requests of newer HTTP it is none: such a peer understands their answers.
    private func answerOldPeer(_ context: ChannelHandlerContext) {
        guard handler.state.pending == 0 else { return }
        try? context.pipeline.syncOperations.addHandler(OldPeerAnswers(), position: .before(self))
    }
}
