import CZlib
import NIOCore

/// gzip of whole messages, on zlib. What zlib works with is made at the first message and kept for the next ones.
///
/// Lives on one event loop, as what uses it does.
final class Gzip {
    enum Failure: Error, Equatable {
        /// No gzip, or not all of it, or more than one.
        case malformed
        /// It comes to more than the limit.
        case tooLarge
        case noMemory
    }

    private static let firstRoom = 4 << 10

    // zlib keeps the address.
    private var inflater: UnsafeMutablePointer<z_stream>?
    private var deflater: UnsafeMutablePointer<z_stream>?

    deinit {
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        if let deflater {
            deflateEnd(deflater)
            deflater.deallocate()
        }
    }

    /// What `bytes` were before they were compressed. Never takes much more memory than `limit`, whatever they claim.
    func inflated(_ bytes: ByteBuffer, limit: Int) throws(Failure) -> ByteBuffer {
        let stream = try readyInflater()
        var target = ByteBuffer()
        let status = bytes.withUnsafeReadableBytes { source in
            Self.read(source, stream)
            return Self.run(stream, into: &target, limit: limit)
        }
        guard target.readableBytes <= limit else { throw .tooLarge }
        if status == Z_MEM_ERROR { throw .noMemory }
        guard status == Z_STREAM_END, stream.pointee.avail_in == 0 else { throw .malformed }
        return target
    }

    /// Goes on as long as there is something to read, and one byte beyond the limit.
    private static func run(
        _ stream: UnsafeMutablePointer<z_stream>, into target: inout ByteBuffer, limit: Int
    ) -> Int32 {
        var status = Z_OK
        var room = min(max(firstRoom, Int(stream.pointee.avail_in) * 4), limit + 1)
        while status == Z_OK, room > 0 {
            target.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { free in
                stream.pointee.next_out = free.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(clamping: room)
                status = inflate(stream, Z_NO_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            room = min(max(firstRoom, target.readableBytes), limit + 1 - target.readableBytes)
        }
        return status
    }

    /// `bytes` compressed; nil when that would not make them shorter.
    func deflated(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
        guard bytes.count > 1, let stream = readyDeflater() else { return nil }
        var target = ByteBuffer()
        let room = bytes.count - 1
        var status = Z_OK
        target.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { free in
            Self.read(bytes, stream)
            stream.pointee.next_out = free.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(clamping: room)
            status = deflate(stream, Z_FINISH)
            return room - Int(stream.pointee.avail_out)
        }
        return status == Z_STREAM_END ? target : nil
    }

    /// zlib does not write there, whatever its types say.
    private static func read(_ bytes: UnsafeRawBufferPointer, _ stream: UnsafeMutablePointer<z_stream>) {
        stream.pointee.next_in = UnsafeMutableRawBufferPointer(mutating: bytes).bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(clamping: bytes.count)
    }

    private func readyInflater() throws(Failure) -> UnsafeMutablePointer<z_stream> {
        if let inflater {
            inflateReset(inflater)
            return inflater
        }
        guard let made = Self.made(nest_zlib_inflate_begin) else { throw .noMemory }
        inflater = made
        return made
    }

    private func readyDeflater() -> UnsafeMutablePointer<z_stream>? {
        if let deflater {
            deflateReset(deflater)
        } else {
            deflater = Self.made(nest_zlib_deflate_begin)
        }
        return deflater
    }

    private static func made(
        _ begin: (UnsafeMutablePointer<z_stream>?) -> Int32
    ) -> UnsafeMutablePointer<z_stream>? {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard begin(stream) == Z_OK else {
            stream.deallocate()
            return nil
        }
        return stream
    }
}
