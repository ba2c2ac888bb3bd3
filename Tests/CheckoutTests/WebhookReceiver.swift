import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NestTesting

/// An HTTP server on a free port that takes webhooks.
struct WebhookReceiver: Sendable {
    /// Id and body of each post that came, those that were refused included.
    let posts: Watched<[String]>
    let url: URL

    /// Runs `body` with a receiver that answers the first `refusals` posts with 503.
    static func run<Value>(
        refusing refusals: Int = 0, _ body: (WebhookReceiver) async throws -> Value
    ) async throws -> Value {
        let posts = Watched<[String]>([])
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(posts: posts, refusals: refusals))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let url = URL(string: "http://127.0.0.1:\(channel.localAddress?.port ?? 0)/hook")
        let result = await Result {
            try await body(WebhookReceiver(posts: posts, url: url ?? URL(fileURLWithPath: "/")))
        }
        try await channel.close()
        return try result.get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let posts: Watched<[String]>
        private let refusals: Int
        private var text = ""

        init(posts: Watched<[String]>, refusals: Int) {
            self.posts = posts
            self.refusals = refusals
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): text = "\(head.method) \(head.headers["Webhook-Id"])"
            case .body(let part): text += String(buffer: part)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            posts.append(text)
            let status: HTTPResponseStatus = posts.value.count > refusals ? .noContent : .serviceUnavailable
            let fields: HTTPHeaders = status == .noContent ? [:] : ["content-length": "0"]
            context.write(
                wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: fields))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
