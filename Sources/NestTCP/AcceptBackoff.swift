import Logging
import NIOCore

/// Stops accepting for a moment when a socket cannot be accepted, because the process has no file descriptors left for
/// example: the waiting connection would otherwise be tried again and again, at the cost of those that are served.
final class AcceptBackoff: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny

    private let logger: Logger
    private var pause: Scheduled<Void>?

    init(_ logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard context.channel.isActive, pause == nil else { return }
        logger.warning(
            "cannot accept connections", metadata: [LogKey.transport: "tcp", LogKey.error: .string("\(error)")])
        pause = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(200)) {
            self.pause = nil
            context.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if pause == nil { context.read() }
    }

    func handlerRemoved(context: ChannelHandlerContext) { pause?.cancel() }
}
