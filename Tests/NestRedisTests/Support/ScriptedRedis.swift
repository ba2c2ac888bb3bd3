import NIOCore
import NIOPosix
import NestTesting

@testable import NestRedis

/// A server that answers what the test tells it to, and a connection to it.
struct ScriptedRedis {
    private final class Ear: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let heard: Watched<String>

        init(_ heard: Watched<String>) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            heard.update { $0 += text }
        }
    }

    let connection: RedisConnection
    private let listener: any Channel
    private let peer: any Channel
    private let heard: Watched<String>

    static func start(
        _ owner: RedisConnection.Owner = RedisConnection.Owner(), _ configure: (inout RedisOptions) -> Void = { _ in }
    ) async throws -> ScriptedRedis {
        let (heard, peers) = (Watched(""), Watched<[any Channel]>([]))
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Ear(heard))
                    peers.update { $0.append(channel) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let url = "redis://127.0.0.1:\(listener.localAddress?.port ?? 0)"
        var options = RedisOptions.test(url)
        options.pingInterval = .seconds(60)
        configure(&options)
        let connector = try RedisConnector(options, loop: MultiThreadedEventLoopGroup.singleton.next())
        let connection = try await connector.open(try RedisAddress(url: url), nil, owner)
        let peer = try await peers.eventually(within: .seconds(10), "the connection") { !$0.isEmpty }[0]
        return ScriptedRedis(connection: connection, listener: listener, peer: peer, heard: heard)
    }

    /// Returns when the server has got a command.
    func hears(_ word: String) async throws {
        try await heard.eventually(within: .seconds(10), "the command \(word)") { $0.contains(word) }
    }

    /// Returns when the other side's kernel has it: over the loopback it takes no time.
    func say(_ text: String) async throws { try await peer.writeAndFlush(ByteBuffer(string: text)) }

    /// Whether it takes what is sent.
    func reads(_ reads: Bool) async throws { try await peer.setOption(.autoRead, value: reads).get() }

    /// How many replies are to come, as far as the loop knows once it has looked at its sockets some times.
    func unanswered() async throws -> Int {
        for _ in 0..<4 { try await connection.loop.submit {}.get() }
        return try await connection.loop.submit { connection.expected.count }.get()
    }

    func stop() async throws {
        connection.close(TransportError(.closed, "the test is over"))
        _ = try await connection.whenGone.get()
        try await listener.close()
    }
}
