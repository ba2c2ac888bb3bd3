import CRabbitMQ

/// Frames that are written one behind another into memory that is large enough for all of them.
struct AMQPFrameSpace {
    private let bytes: UnsafeMutableRawBufferPointer
    private let channel: UInt16
    /// Bytes that were written.
    private(set) var count = 0

    init(_ bytes: UnsafeMutableRawBufferPointer, channel: UInt16) {
        self.bytes = bytes
        self.channel = channel
    }

    /// A method that the C library encodes. False when it takes more than `room` bytes.
    mutating func append(
        _ kind: AMQPFrame.Kind, number: UInt32, room: Int, _ encode: (amqp_bytes_t) -> CInt
    ) -> Bool {
        let begin = begin()
        put(number)
        return finish(kind, begin, room, encode)
    }

    /// What stands before a body of `size` bytes. False when it takes more than `room` bytes.
    mutating func append(_ kind: AMQPFrame.Kind, size: UInt64, room: Int, _ encode: (amqp_bytes_t) -> CInt) -> Bool {
        let begin = begin()
        put(UInt32(60) << 16)
        put(size)
        return finish(kind, begin, room, encode)
    }

    /// A body.
    mutating func append(_ body: UnsafeRawBufferPointer) {
        let begin = begin()
        UnsafeMutableRawBufferPointer(rebasing: bytes[count..<count + body.count]).copyMemory(from: body)
        count += body.count
        end(.body, begin)
    }
}

extension AMQPFrameSpace {
    private static let headSize = 7

    /// Leaves room for a frame's head.
    private mutating func begin() -> Int {
        defer { count += Self.headSize }
        return count
    }

    private mutating func finish(
        _ kind: AMQPFrame.Kind, _ begin: Int, _ room: Int, _ encode: (amqp_bytes_t) -> CInt
    ) -> Bool {
        let size = encode(amqp_bytes_t(len: room, bytes: bytes.baseAddress?.advanced(by: count)))
        guard size >= 0 else { return false }
        count += Int(size)
        end(kind, begin)
        return true
    }

    private mutating func end(_ kind: AMQPFrame.Kind, _ begin: Int) {
        let size = UInt32(count - begin - Self.headSize)
        bytes[begin] = kind.rawValue
        bytes.storeBytes(of: channel.bigEndian, toByteOffset: begin + 1, as: UInt16.self)
        bytes.storeBytes(of: size.bigEndian, toByteOffset: begin + 3, as: UInt32.self)
        put(AMQPFrame.end)
    }

    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        bytes.storeBytes(of: number.bigEndian, toByteOffset: count, as: Number.self)
        count += MemoryLayout<Number>.size
    }
}
