import CRabbitMQ
import NIOCore
import Synchronization

/// One connection to the broker, from its first byte to its last. It does not come back: the link makes the next.
///
/// The C library encodes and decodes; the socket is ours, so nothing here ever blocks. The writes of a turn of the event
/// loop leave together, in bursts of some kilobytes.
///
/// `@unchecked Sendable`: members without a lock are touched on the event loop only.
final class RabbitMQConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Greeting the broker.
        case shaking
        case open
        /// The broker was told that we go.
        case closing
        case ended(TransportError)
    }

    let address: RabbitMQAddress
    let loop: any EventLoop
    let handshake: RabbitMQHandshake
    /// How long the broker may take to answer what it is asked.
    let patience: TimeAmount
    /// Bytes of a message that is taken.
    let maxMessageBytes: Int

    @exclusivity(unchecked) var phase = Phase.shaking
    /// Who wants to know how the greeting ends.
    var greeters: [EventLoopPromise<Void>] = []
    var context: ChannelHandlerContext?
    @exclusivity(unchecked) var reader = AMQPFrameReader()
    @exclusivity(unchecked) var writer: AMQPWriter
    /// For what is read; what is written has its own, because answers are written while messages are read.
    let pool = AMQPPool()
    @exclusivity(unchecked) var channels: [UInt16: RabbitMQChannel] = [:]
    var lastChannel: UInt16 = 0
    var channelLimit: UInt16 = 2_047
    @exclusivity(unchecked) private var isReading = false
    @exclusivity(unchecked) private var isFlushScheduled = false
    /// For the heartbeat: something was read or written since it last looked.
    @exclusivity(unchecked) var hasRead = false
    @exclusivity(unchecked) var hasWritten = false
    var quietBeats = 0
    var beat: RepeatedTask?
    private var afterEnd: [(TransportError) -> Void] = []
    /// After everything that one read has brought.
    var afterRead: (() -> Void)?
    /// The broker takes messages again, or there is room again.
    var whenRoomy: (() -> Void)?
    /// Why the broker takes no messages at present.
    let blockedReason = Mutex<String?>(nil)
    @exclusivity(unchecked) var isBlocked = false
    /// What the broker says about itself.
    let brokerVersion = Mutex("")

    init(
        to address: RabbitMQAddress, on loop: any EventLoop, handshake: RabbitMQHandshake, patience: Duration,
        maxMessageBytes: Int
    ) {
        self.address = address
        self.loop = loop
        self.handshake = handshake
        self.patience = TimeAmount(patience)
        self.maxMessageBytes = maxMessageBytes
        writer = AMQPWriter(pool: AMQPPool())
    }

    /// Succeeds once the broker has let us in.
    var whenOpen: EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        switch phase {
        case .shaking: greeters.append(promise)
        case .open: promise.succeed()
        case .closing: promise.fail(Self.closed)
        case .ended(let error): promise.fail(error)
        }
        return promise.futureResult
    }

    var isOpen: Bool {
        if case .open = phase { return true }
        return false
    }
}

// MARK: - Reading

extension RabbitMQConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { greet() }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) { greet() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        hasRead = true
        reader.append(unwrapInboundIn(data))
        do throws(AMQPFrameReader.Failure) {
            while let frame = try reader.next() { receive(frame) }
        } catch {
            end(TransportError(reading: address, error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        afterRead?()
        isReading = false
        flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(TransportError(.disconnected, "the connection to \(address) was lost"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(TransportError(rabbitMQ: address, error))
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { whenRoomy?() }
    }
}

// MARK: - Writing

extension RabbitMQConnection {
    /// False while the broker takes no messages, or too much waits to be written.
    @inline(__always)
    var isRoomy: Bool {
        guard !isBlocked, isOpen, let context else { return false }
        return context.channel.isWritable && writer.buffer.readableBytes < 1 << 20
    }

    /// As much as is written without waiting for the end of a turn: the broker works on it meanwhile.
    private static let burst = 8_192

    /// Something was written: it leaves at the end of this turn, at the latest.
    @inline(__always)
    func flushSoon() {
        if writer.buffer.readableBytes >= Self.burst { return flush() }
        guard !isReading, !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    func flush() {
        guard let context, writer.buffer.readableBytes > 0 else { return }
        hasWritten = true
        let bytes = writer.buffer
        writer.buffer = context.channel.allocator.buffer(capacity: min(max(bytes.readableBytes, 1_024), 65_536))
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
}

// MARK: - The end

extension RabbitMQConnection: BrokerConnection {
    var summary: String { address.description }

    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void) {
        loop.execute {
            if case .ended(let error) = self.phase { return body(error) }
            self.afterEnd.append(body)
        }
    }

    /// It is gone, or is given up.
    func end(_ error: TransportError) {
        if case .ended = phase { return }
        phase = .ended(error)
        beat?.cancel()
        beat = nil
        for promise in greeters { promise.fail(error) }
        greeters = []
        let all = channels.values
        channels = [:]
        for channel in all { channel.end(error) }
        let last = afterEnd
        afterEnd = []
        for body in last { body(error) }
        (afterRead, whenRoomy) = (nil, nil)
        context?.close(promise: nil)
    }

    /// Writes what waits, says goodbye, and waits for the broker's, a second long.
    func close() async {
        await withUnsafeContinuation { continuation in
            whenEnded { _ in continuation.resume() }
            loop.execute { self.sayGoodbye() }
        }
    }

    private func sayGoodbye() {
        switch phase {
        case .ended, .closing: return
        case .shaking: end(Self.closed)
        case .open:
            phase = .closing
            writer.closeConnection()
            flush()
            // A broker that has blocked us reads no goodbye.
            let time = isBlocked ? TimeAmount.milliseconds(50) : .seconds(1)
            _ = loop.scheduleTask(in: time) { self.end(Self.closed) }
        }
    }

    static let closed = TransportError(.closed, "the connection was closed")
}
