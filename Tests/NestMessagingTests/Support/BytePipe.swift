#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A pipe to write bytes into and read them from.
final class BytePipe: Sendable {
    let reader: CInt
    private let writer: CInt

    init() {
        var ends: [CInt] = [-1, -1]
        _ = pipe(&ends)
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        close(reader)
        close(writer)
    }

    func put(_ byte: UInt8) {
        var byte = byte
        _ = write(writer, &byte, 1)
    }

    /// Blocks until there is one.
    func take() -> UInt8? {
        var byte: UInt8 = 0
        return read(reader, &byte, 1) == 1 ? byte : nil
    }
}
