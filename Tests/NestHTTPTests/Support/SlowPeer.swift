import NIOCore
import NIOPosix
import NestTesting

/// One connection whose end of it begins to read late, or reads a piece at a time, with a pause after each.
final class SlowPeer: Sendable {
    struct Received: Sendable, CustomStringConvertible {
        var count = 0
        /// The last bytes.
        var tail = ""
        var isClosed = false

        var description: String { "\(count) bytes, \(isClosed ? "closed" : "open")" }
    }

    let received: Watched<Received>
    private let channel: any Channel

    private init(_ channel: any Channel, _ received: Watched<Received>) {
        self.channel = channel
        self.received = received
    }

    static func connect(
        to port: Int, pause: TimeAmount = .zero, delay: TimeAmount = .zero
    ) async throws -> SlowPeer {
        let received = Watched(Received())
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 128 << 10))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        PacedReader(received: received, pause: pause, delay: delay))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return SlowPeer(channel, received)
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func close() async { try? await channel.close() }
}

extension Peer {
    /// Sends this again and again.
    func drip(_ text: String, every pause: TimeAmount) -> RepeatedTask {
        MultiThreadedEventLoopGroup.singleton.any().scheduleRepeatedTask(initialDelay: .zero, delay: pause) { _ in
            Task { try? await self.send(text) }
        }
    }
}

private final class PacedReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: Watched<SlowPeer.Received>
    private let pause: TimeAmount
    private let delay: TimeAmount

    init(received: Watched<SlowPeer.Received>, pause: TimeAmount, delay: TimeAmount) {
        self.received = received
        self.pause = pause
        self.delay = delay
    }

    func channelActive(context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: delay) { context.read() }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        received.update { received in
            received.count += bytes.readableBytes
            received.tail = String(decoding: bytes.readableBytesView.suffix(100), as: UTF8.self)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { received.update { $0.isClosed = true } }
    }

    func channelInactive(context: ChannelHandlerContext) { received.update { $0.isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
