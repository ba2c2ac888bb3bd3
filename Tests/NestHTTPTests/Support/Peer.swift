import NIOCore
import NIOPosix
import NIOSSL
import NestTesting

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection to a server under test, at the level of bytes.
final class Peer: Sendable {
    struct Received: Sendable, CustomStringConvertible {
        var bytes = ByteBuffer()
        var isClosed = false

        var text: String { String(buffer: bytes) }
        var description: String { "\(text.debugDescription), \(isClosed ? "closed" : "open")" }
    }

    let received: Watched<Received>
    private let channel: any Channel

    private init(_ channel: any Channel, _ received: Watched<Received>) {
        self.channel = channel
        self.received = received
    }

    static func connect(to port: Int, tls: NIOSSLContext? = nil) async throws -> Peer {
        let received = Watched(Received())
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector(received: received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return Peer(channel, received)
    }

    /// Returns when the bytes are with the system.
    func send(_ text: String) async throws { try await send(ByteBuffer(string: text)) }

    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    func closeOutput() async throws { try await channel.close(mode: .output) }

    /// Goes away without a goodbye.
    func reset() async {
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        await close()
    }

    func close() async { try? await channel.close() }

    /// Nothing more is read, so that the server's answers pile up.
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    @discardableResult
    func eventually(_ what: String, _ isMet: @escaping @Sendable (Received) -> Bool) async throws -> Received {
        try await received.eventually(within: .seconds(20), what, isMet)
    }

    /// The answer, once the server has closed behind it.
    func lastAnswer() async throws -> Answer {
        Answer(try await eventually("the server closes") { $0.isClosed }.text)
    }

    /// Sends a request that is the connection's only one, and returns its answer.
    func ask(
        _ method: String, _ path: String, headers: [String] = [], body: String? = nil
    ) async throws -> Answer {
        var lines = ["\(method) \(path) HTTP/1.1", "host: test", "connection: close"] + headers
        if let body { lines.append("content-length: \(body.utf8.count)") }
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
        let answer = try await lastAnswer()
        await close()
        return answer
    }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: Watched<Peer.Received>

    init(received: Watched<Peer.Received>) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        received.update { _ = $0.bytes.writeImmutableBuffer(bytes) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { received.update { $0.isClosed = true } }
    }

    func channelInactive(context: ChannelHandlerContext) { received.update { $0.isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
