import NIOCore

extension ByteBuffer {
    /// Shorter messages are sent as they are: the work would be more than what it saves.
    private static let leastCompressed = 1 << 10

    /// Compresses the message that stands from `start` to the end, prefix and all; false when it stays as it is.
    mutating func compressMessage(from start: Int, with gzip: Gzip) -> Bool {
        let body = start + GRPCMessageFrame.prefixLength
        let length = writerIndex - body
        guard length >= Self.leastCompressed else { return false }
        let compressed = withUnsafeReadableBytes {
            gzip.deflated(UnsafeRawBufferPointer(rebasing: $0[(body - readerIndex)...]))
        }
        guard let compressed else { return false }
        moveWriterIndex(to: start)
        writeInteger(1 as UInt8)
        writeInteger(UInt32(truncatingIfNeeded: compressed.readableBytes))
        writeImmutableBuffer(compressed)
        return true
    }
}
