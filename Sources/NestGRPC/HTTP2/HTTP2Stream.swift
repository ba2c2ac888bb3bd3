import CNghttp2
import NIOCore

/// One call on a connection. What both sides of it have in common: bytes that came and were not taken, and bytes that
/// wait until the peer makes room for them.
///
/// Lives on its connection's event loop. nghttp2 knows it by an unretained pointer: whoever owns it keeps it until
/// nghttp2 has closed the stream, or the session is gone.
///
/// `@unchecked Sendable`: every member is touched on the loop only.
class HTTP2Stream: @unchecked Sendable {
    /// What comes after the last byte of the outbox.
    enum OutputEnd {
        /// More bytes.
        case open
        /// The end of the stream: a request.
        case endOfStream
        /// The status, which ends the stream: a reply.
        case trailers(GRPCStatus)
    }

    /// 0 until the stream is opened.
    @exclusivity(unchecked) final var id: Int32 = 0
    @exclusivity(unchecked) final var inbox = ByteBuffer()
    @exclusivity(unchecked) final var outbox = ByteBuffer()
    @exclusivity(unchecked) final var outputEnd = OutputEnd.open
    /// nghttp2 has asked for bytes and there were none.
    @exclusivity(unchecked) final var isDeferred = false
    /// nghttp2 has let go of it.
    @exclusivity(unchecked) final var isClosed = false
    /// Bytes of all its headers, counted as HTTP/2 does.
    @exclusivity(unchecked) final var headerBytes = 0

    /// Below so many bytes in the outbox its writer goes on; nil while nobody waits.
    @exclusivity(unchecked) final var wantsRoomBelow: Int?
    private let tally: OutputTally

    init(_ tally: OutputTally) { self.tally = tally }

    /// Bytes were put into the outbox.
    @inline(__always)
    final func wrote(_ count: Int) { tally.unsent += count }

    /// Nobody wants what is left.
    final func dropOutput() {
        tally.unsent -= outbox.readableBytes
        outbox = ByteBuffer()
    }

    /// Gives nghttp2 the next bytes of the outbox, and says what follows the last of them.
    @inline(__always)
    final func read(
        into target: UnsafeMutablePointer<UInt8>, _ room: Int, _ flags: UnsafeMutablePointer<UInt32>,
        _ handle: OpaquePointer
    ) -> Int {
        let count = min(room, outbox.readableBytes)
        outbox.readWithUnsafeReadableBytes { bytes in
            if count > 0, let base = bytes.baseAddress {
                UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: count)
            }
            return count
        }
        tally.unsent -= count
        if let room = wantsRoomBelow, outbox.readableBytes < room {
            wantsRoomBelow = nil
            tally.roomy.append(self)
        }
        guard outbox.readableBytes == 0 else { return count }
        switch outputEnd {
        case .open:
            guard count == 0 else { break }
            isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        case .endOfStream: flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        case .trailers(let status):
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            Self.submit(status, id, handle)
        }
        outbox.clear()
        return count
    }

    private static func submit(_ status: GRPCStatus, _ id: Int32, _ handle: OpaquePointer) {
        guard status.code != .ok else {
            _ = nest_nghttp2_submit_ok(handle, id)
            return
        }
        _ = HTTP2Fields(status).withFields { nghttp2_submit_trailer(handle, id, $0, $1) }
    }
}
