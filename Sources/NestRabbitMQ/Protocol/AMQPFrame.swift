import NIOCore

/// One frame of AMQP 0-9-1: a kind, a channel, and what it carries.
struct AMQPFrame {
    enum Kind: UInt8 {
        case method = 1
        case header = 2
        case body = 3
        case heartbeat = 8
    }

    /// Bytes around what a frame carries.
    static let overhead = 8
    static let end: UInt8 = 0xCE

    let kind: Kind
    let channel: UInt16
    let payload: ByteBuffer
}

/// Finds frames in what was read. A frame that is larger than was agreed is refused before its bytes are waited for.
struct AMQPFrameReader {
    /// Bytes that are no frame.
    enum Failure: Error, Equatable {
        /// The server speaks another version, and says which.
        case otherProtocol
        case tooLarge(Int)
        case malformed
    }

    /// The most bytes of a frame, the overhead included.
    var limit = 131_072
    private var buffer = ByteBuffer()

    mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next frame; nil until all of it has come. Its payload shares the memory of what was read.
    mutating func next() throws(Failure) -> AMQPFrame? {
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
        guard let kind = AMQPFrame.Kind(rawValue: first) else {
            throw first == UInt8(ascii: "A") ? .otherProtocol : .malformed
        }
        guard let channel = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt16.self),
            let size = buffer.getInteger(at: buffer.readerIndex + 3, as: UInt32.self)
        else { return nil }
        guard Int(size) + AMQPFrame.overhead <= limit else { throw .tooLarge(Int(size)) }
        guard let end = buffer.getInteger(at: buffer.readerIndex + 7 + Int(size), as: UInt8.self) else { return nil }
        guard end == AMQPFrame.end else { throw .malformed }
        buffer.moveReaderIndex(forwardBy: 7)
        let payload = buffer.readSlice(length: Int(size)) ?? ByteBuffer()
        buffer.moveReaderIndex(forwardBy: 1)
        return AMQPFrame(kind: kind, channel: channel, payload: payload)
    }
}
