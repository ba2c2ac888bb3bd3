import CRabbitMQ
import NIOCore

/// Writes frames: the C library encodes what is in them.
struct AMQPWriter {
    let pool: AMQPPool
    /// The most bytes of a frame, the overhead included.
    var frameLimit = 131_072
    /// What was written and not handed on.
    var buffer = ByteBuffer()

    init(pool: AMQPPool) { self.pool = pool }

    /// What every connection begins with.
    mutating func protocolHeader() { buffer.writeBytes([0x41, 0x4D, 0x51, 0x50, 0, 0, 9, 1]) }

    mutating func heartbeat() { buffer.writeAMQPFrame(.heartbeat, channel: 0) { _ in } }

    /// Appends a method.
    mutating func method<Method>(_ number: UInt32, _ method: Method, channel: UInt16, room: Int = 1_024) {
        var method = method
        let limit = frameLimit
        buffer.writeAMQPFrame(.method, channel: channel) { buffer in
            buffer.writeInteger(number)
            Self.encode(into: &buffer, room: room, limit: limit) { bytes in
                withUnsafeMutablePointer(to: &method) { amqp_encode_method(number, $0, bytes) }
            }
        }
    }

    /// Appends a message: where it goes, what stands beside it, and its body.
    mutating func publish(
        _ body: ByteBuffer, to exchange: String, key: String, mandatory: Bool, _ properties: AMQPProperties,
        channel: UInt16
    ) {
        defer { pool.recycle() }
        var place = amqp_basic_publish_t()
        place.exchange = pool.bytes(exchange)
        place.routing_key = pool.bytes(key)
        place.mandatory = mandatory ? 1 : 0
        var encoded = properties.inC(pool)
        if writeAtOnce(&place, &encoded, room: properties.roomForC, body, channel: channel) { return }
        method(UInt32(AMQP_BASIC_PUBLISH_METHOD), place, channel: channel)
        header(properties, size: body.readableBytes, channel: channel)
        var rest = body
        while let part = rest.readSlice(length: min(rest.readableBytes, frameLimit - AMQPFrame.overhead)),
            part.readableBytes > 0
        {
            buffer.writeAMQPFrame(.body, channel: channel) { $0.writeImmutableBuffer(part) }
        }
    }

    /// The three frames of a message whose body takes one, as nearly every message. False: nothing was written.
    private mutating func writeAtOnce(
        _ place: inout amqp_basic_publish_t, _ properties: inout amqp_basic_properties_t, room: Int, _ body: ByteBuffer,
        channel: UInt16
    ) -> Bool {
        let size = body.readableBytes
        guard size > 0, size <= frameLimit - AMQPFrame.overhead, room <= frameLimit - AMQPFrame.overhead else {
            return false
        }
        let all = 1_024 + room + size + 4 * AMQPFrame.overhead
        return buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: all) { bytes in
            var frames = AMQPFrameSpace(bytes, channel: channel)
            let isWritten =
                frames.append(.method, number: UInt32(AMQP_BASIC_PUBLISH_METHOD), room: 1_024) {
                    amqp_encode_method(UInt32(AMQP_BASIC_PUBLISH_METHOD), &place, $0)
                }
                && frames.append(.header, size: UInt64(size), room: room) {
                    amqp_encode_properties(Self.basicClass, &properties, $0)
                }
            guard isWritten else { return 0 }
            body.withUnsafeReadableBytes { frames.append($0) }
            return frames.count
        } > 0
    }

    private mutating func header(_ properties: AMQPProperties, size: Int, channel: UInt16) {
        var encoded = properties.inC(pool)
        let limit = frameLimit
        buffer.writeAMQPFrame(.header, channel: channel) { buffer in
            buffer.writeInteger(Self.basicClass)
            buffer.writeInteger(UInt16(0))
            buffer.writeInteger(UInt64(size))
            Self.encode(into: &buffer, room: properties.roomForC, limit: limit) { bytes in
                withUnsafeMutablePointer(to: &encoded) { amqp_encode_properties(Self.basicClass, $0, bytes) }
            }
        }
    }

    private static let basicClass: UInt16 = 60

    /// Lets the C library write; with more room when it says that there is too little.
    private static func encode(
        into buffer: inout ByteBuffer, room: Int, limit: Int, _ body: (amqp_bytes_t) -> CInt
    ) {
        var room = room
        while true {
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
                max(0, Int(body(amqp_bytes_t(len: min(bytes.count, limit), bytes: bytes.baseAddress))))
            }
            if count > 0 || room >= limit { return }
            room *= 4
        }
    }
}

extension ByteBuffer {
    mutating func writeAMQPFrame(_ kind: AMQPFrame.Kind, channel: UInt16, _ write: (inout ByteBuffer) -> Void) {
        writeInteger(kind.rawValue)
        writeInteger(channel)
        let place = writerIndex
        writeInteger(UInt32(0))
        write(&self)
        setInteger(UInt32(writerIndex - place - 4), at: place)
        writeInteger(AMQPFrame.end)
    }
}
