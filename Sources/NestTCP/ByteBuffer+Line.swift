import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ByteBuffer {
    /// Ends the line that was begun at `start`.
    ///
    /// Payloads are written as they are, and checked JSON may have line breaks between its parts: inside a line each of
    /// them would end it, so they become spaces, which mean the same there.
    @inline(__always)
    mutating func endLine(from start: Int) {
        if holdsBreak(0x0A, from: start) { replaceBreaks(0x0A, from: start) }
        if holdsBreak(0x0D, from: start) { replaceBreaks(0x0D, from: start) }
        writeInteger(0x0A as UInt8)
    }

    @inline(__always)
    private func holdsBreak(_ byte: Int32, from start: Int) -> Bool { index(of: byte, from: start) != nil }

    private mutating func replaceBreaks(_ byte: Int32, from start: Int) {
        var position = start
        while let found = index(of: byte, from: position) {
            setInteger(0x20 as UInt8, at: found)
            position = found + 1
        }
    }

    @inline(__always)
    private func index(of byte: Int32, from start: Int) -> Int? {
        withVeryUnsafeBytes { storage in
            guard let base = storage.baseAddress, writerIndex > start else { return nil }
            return memchr(base + start, byte, writerIndex - start).map { UnsafeRawPointer($0) - base }
        }
    }
}
