package import Logging
package import NIOCore

/// Stops accepting for a moment when a connection cannot be accepted, because the process has no file descriptors left
/// for example. The waiting connection stays readable for the event loop: it would be tried again without end, at the
/// cost of those that are served.
package final class AcceptBackoff: ChannelInboundHandler {
    package typealias InboundIn = any Channel

    private let logger: Logger
    private let transport: String
    private var resumption: Scheduled<Void>?
    private var lastFailure: NIODeadline?

    /// `transport` is its name in the log.
    package init(_ logger: Logger, transport: String) {
        self.logger = logger
        self.transport = transport
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard context.channel.isActive, resumption == nil else { return }
        report(error)
        // Not to pass on `read` would not do: a read that has failed is still due, and tried again.
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        resumption = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(100)) {
            self.resumption = nil
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }

    /// Once, until it has gone well for a while.
    private func report(_ error: any Error) {
        let now = NIODeadline.now()
        let isKnown = lastFailure.map { now - $0 < .seconds(5) } ?? false
        lastFailure = now
        guard !isKnown else { return }
        logger.warning(
            "cannot accept connections", metadata: [LogKey.transport: "\(transport)", LogKey.error: "\(error)"])
    }

    package func handlerRemoved(context: ChannelHandlerContext) { resumption?.cancel() }
}
