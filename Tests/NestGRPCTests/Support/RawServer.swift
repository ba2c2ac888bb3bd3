import NIOCore
import NIOPosix
import NestTesting

/// Listens, and leaves each connection to the test.
final class RawServer: Sendable {
    private let listener: any Channel
    /// What has connected, in order.
    let peers: Watched<[RawHTTP2]>

    var port: Int { listener.localAddress?.port ?? 0 }

    private init(_ listener: any Channel, _ peers: Watched<[RawHTTP2]>) {
        self.listener = listener
        self.peers = peers
    }

    /// `greeting` is what every connection is sent at once.
    static func start(greeting: [UInt8] = RawHTTP2.bytes(RawHTTP2.settings([]))) async throws -> RawServer {
        let peers = Watched<[RawHTTP2]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = RawHTTP2(accepted: channel, greeting: greeting)
                    try channel.pipeline.syncOperations.addHandler(peer)
                    peers.update { $0.append(peer) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(listener, peers)
    }

    /// The connection with a number, once it is there.
    func peer(_ number: Int) async throws -> RawHTTP2 {
        try await peers.eventually(within: .seconds(10), "connection \(number)") { $0.count > number }[number]
    }

    func stop() async throws {
        try? await listener.close()
        for peer in peers.value { try await peer.close() }
    }
}

extension RawHTTP2.Seen {
    /// The stream of the call that was made last.
    var lastCall: UInt32? { frames.last { $0.type == 1 }?.stream }
}

extension RawHTTP2 {
    /// The next call that is made on a connection.
    func call(after stream: UInt32 = 0) async throws -> UInt32 {
        let seen = try await eventually("a call") { $0.lastCall ?? 0 > stream && $0.hasEnded($0.lastCall ?? 0) }
        return seen.lastCall ?? 0
    }

    /// Answers a call with a message and trailers.
    func answer(
        _ stream: UInt32, _ message: [UInt8], flag: UInt8 = 0, headers: [(String, String)] = [],
        status: [(String, String)] = [("grpc-status", "0")]
    ) async throws {
        try await write(
            Frame(
                type: 1, flags: 4, stream: stream,
                payload: Self.fields([(":status", "200"), ("content-type", "application/grpc")] + headers)),
            Frame(type: 0, stream: stream, payload: [flag] + Self.number(UInt32(message.count)) + message),
            Frame(type: 1, flags: 5, stream: stream, payload: Self.fields(status)))
    }

    /// `SendResponse{ok: true, payload_json: "1"}`
    static let one: [UInt8] = [0x08, 1, 0x12, 1, 0x31]
}
