import NIOCore
import NIOPosix
import NestTesting

/// A peer that speaks HTTP/2 frame by frame, as a test likes.
final class RawHTTP2: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    struct Frame: Sendable, Equatable {
        var type: UInt8
        var flags: UInt8 = 0
        var stream: UInt32 = 0
        var payload: [UInt8] = []

        /// A number of 32 bits in the payload.
        func number(at offset: Int = 0) -> UInt32? {
            guard payload.count >= offset + 4 else { return nil }
            return payload[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    struct Seen: Sendable {
        var frames: [Frame] = []
        /// Of each call, headers and trailers together.
        var headers: [UInt32: [String: String]] = [:]
        var isClosed = false

        /// The error that the other side ended the connection with.
        var goAway: UInt32? { frames.last { $0.type == 7 }?.number(at: 4) }
        /// The error that a call was reset with.
        func reset(_ stream: UInt32) -> UInt32? { frames.last { $0.type == 3 && $0.stream == stream }?.number() }
        func hasEnded(_ stream: UInt32) -> Bool {
            frames.contains { $0.stream == stream && ($0.type == 0 || $0.type == 1) && $0.flags & 1 != 0 }
        }
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    let seen = Watched(Seen())
    private var bytes = ByteBuffer()
    private let reader = HeaderReader()
    /// As a server: the client's preface is passed over.
    private var isPrefaceDue = false
    private let greeting: [UInt8]
    private let channel: Watched<(any Channel)?> = Watched(nil)

    init() { greeting = [] }

    init(accepted channel: any Channel, greeting: [UInt8]) {
        self.greeting = greeting
        isPrefaceDue = true
        self.channel.update { $0 = channel }
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !greeting.isEmpty else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: greeting)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        bytes.writeBuffer(&buffer)
        if isPrefaceDue {
            guard bytes.readableBytes >= Self.preface.count else { return }
            bytes.moveReaderIndex(forwardBy: Self.preface.count)
            isPrefaceDue = false
        }
        while let frame = nextFrame() { note(frame) }
    }

    private func note(_ frame: Frame) {
        let isWhole = frame.type == 1 && frame.flags & 4 != 0
        let fields = isWhole ? reader.fields(frame.flags & 0x20 == 0 ? frame.payload : Array(frame.payload[5...])) : [:]
        seen.update { seen in
            seen.frames.append(frame)
            if isWhole { seen.headers[frame.stream, default: [:]].merge(fields) { $1 } }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { seen.update { $0.isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func nextFrame() -> Frame? {
        guard let head = bytes.getBytes(at: bytes.readerIndex, length: 9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard bytes.readableBytes >= 9 + length else { return nil }
        bytes.moveReaderIndex(forwardBy: 9)
        let stream = head[5...8].reduce(0) { $0 << 8 | UInt32($1) }
        return Frame(type: head[3], flags: head[4], stream: stream, payload: bytes.readBytes(length: length) ?? [])
    }

    // MARK: For tests

    /// Connects, and says that it speaks HTTP/2 unless told not to.
    static func connect(to port: Int, settings: [(UInt16, UInt32)]? = []) async throws -> RawHTTP2 {
        let peer = RawHTTP2()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { $0.pipeline.addHandler(peer) }
            .connect(host: "127.0.0.1", port: port).get()
        peer.channel.update { $0 = channel }
        if let settings { try await peer.write(preface + Self.bytes(Self.settings(settings))) }
        return peer
    }

    /// What cannot be written any more is not written.
    func write(_ bytes: [UInt8]) async throws {
        try? await channel.value?.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func write(_ frames: Frame...) async throws { try await write(frames) }

    func write(_ frames: [Frame]) async throws { try await write(frames.flatMap(Self.bytes)) }

    func close() async throws { try? await channel.value?.close() }

    /// Waits until something has come, or the connection has ended.
    @discardableResult
    func eventually(_ what: String, _ isMet: @escaping @Sendable (Seen) -> Bool) async throws -> Seen {
        try await seen.eventually(within: .seconds(10), what, isMet)
    }

    static func bytes(_ frame: Frame) -> [UInt8] {
        let length = frame.payload.count
        return [UInt8(length >> 16), UInt8(length >> 8 & 0xff), UInt8(length & 0xff), frame.type, frame.flags]
            + number(frame.stream) + frame.payload
    }

    static func number(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 0xff), UInt8(value >> 8 & 0xff), UInt8(value & 0xff)]
    }

    static func settings(_ settings: [(UInt16, UInt32)]) -> Frame {
        Frame(type: 4, payload: settings.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xff)] + number($0.1) })
    }

    /// A header list, every field spelled out.
    static func fields(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + text($0.0) + text($0.1) }
    }

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var (rest, length) = (bytes.count - 127, [UInt8(127)])
        while rest >= 128 {
            length.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    static let callFields: [(String, String)] = [
        (":method", "POST"), (":scheme", "http"), (":path", "/nestrs.microservices.Microservice/Send"),
        (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc"),
    ]

    /// Begins a call.
    static func call(_ stream: UInt32, _ more: [(String, String)] = []) -> Frame {
        Frame(type: 1, flags: 4, stream: stream, payload: fields(callFields + more))
    }

    /// The request of a call, as one DATA frame that ends it.
    static func request(_ stream: UInt32, _ pattern: String, _ payload: String) -> Frame {
        let body =
            [0x0a, UInt8(pattern.utf8.count)] + Array(pattern.utf8) + [0x12, UInt8(payload.utf8.count)]
            + Array(payload.utf8)
        return Frame(type: 0, flags: 1, stream: stream, payload: [0] + number(UInt32(body.count)) + body)
    }
}
