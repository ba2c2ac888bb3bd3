import NIOCore
import NIOPosix
import NestTesting

/// Speaks NATS as far as the login: asks each connection to sign the next of the test's nonces, and keeps what it says.
final class NonceServer: Sendable {
    /// What each connection has said, in order.
    let said: Watched<[String]>
    private let listener: any Channel

    var url: String { "nats://127.0.0.1:\(listener.localAddress?.port ?? 0)" }

    private init(_ listener: any Channel, _ said: Watched<[String]>) {
        self.listener = listener
        self.said = said
    }

    /// The last nonce is used again for all connections that come after it.
    static func start(_ nonces: String...) async throws -> NonceServer {
        let said = Watched<[String]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = said.update { said in
                        said.append("")
                        return said.count - 1
                    }
                    let nonce = nonces[min(number, nonces.count - 1)]
                    try channel.pipeline.syncOperations.addHandler(Greeter(nonce, number, said))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return NonceServer(listener, said)
    }

    func stop() async throws { try await listener.close() }
}

private final class Greeter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let nonce: String
    private let number: Int
    private let said: Watched<[String]>

    init(_ nonce: String, _ number: Int, _ said: Watched<[String]>) {
        self.nonce = nonce
        self.number = number
        self.said = said
    }

    func channelActive(context: ChannelHandlerContext) {
        let info =
            #"{"server_id":"test","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576,"#
            + #""auth_required":true,"nonce":"\#(nonce)"}"#
        write("INFO \(info)\r\n", context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        said.update { $0[number] += text }
        if text.hasSuffix("PING\r\n") { write("PONG\r\n", context) }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(context.channel.allocator.buffer(string: text)), promise: nil)
    }
}
