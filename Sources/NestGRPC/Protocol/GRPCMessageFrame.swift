import NIOCore

/// gRPC puts five bytes before every message: whether it is compressed, and its length.
enum GRPCMessageFrame {
    static let prefixLength = 5

    enum Step: Equatable {
        case incomplete
        /// So long a message comes; the limit is shorter.
        case tooLarge(Int)
        case message(ByteBuffer)
        /// In the way that the call's `grpc-encoding` says.
        case compressed(ByteBuffer)
        /// The byte before its length is neither 0 nor 1.
        case malformed
    }

    /// Takes the next message out of what has come. A message that is too large is known by its first five bytes.
    static func next(in bytes: inout ByteBuffer, limit: Int) -> Step {
        guard let flag = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self),
            let length = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self)
        else { return .incomplete }
        guard flag <= 1 else { return .malformed }
        guard length <= limit else { return .tooLarge(Int(length)) }
        guard bytes.readableBytes >= prefixLength + Int(length) else { return .incomplete }
        bytes.moveReaderIndex(forwardBy: prefixLength)
        let message = bytes.readSlice(length: Int(length)) ?? ByteBuffer()
        return flag == 0 ? .message(message) : .compressed(message)
    }

    /// How long the message that has begun is, its prefix included; nil while that is not known.
    static func length(in bytes: ByteBuffer) -> Int? {
        bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self).map { Int($0) + prefixLength }
    }
}

extension ByteBuffer {
    /// Begins a message of so many bytes.
    @inline(__always)
    mutating func writeMessagePrefix(_ length: Int) {
        writeInteger(0 as UInt8)
        writeInteger(UInt32(truncatingIfNeeded: length))
    }

    /// Writes a message whose length is known afterwards.
    mutating func writeMessage(_ body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeMessagePrefix(0)
        body(&self)
        setInteger(UInt32(truncatingIfNeeded: writerIndex - start - GRPCMessageFrame.prefixLength), at: start + 1)
    }
}
