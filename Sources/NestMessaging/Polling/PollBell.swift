#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Wakes a thread that sleeps in `poll`: a pipe to itself.
package final class PollBell: Sendable {
    /// What to poll.
    package let descriptor: CInt
    /// What a library writes to that rings by itself. It never blocks.
    package let sender: CInt

    package init() throws(TransportError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TransportError(.overloaded, "no file descriptors are left for a connection to a broker")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        }
        descriptor = ends[0]
        sender = ends[1]
    }

    deinit {
        close(descriptor)
        close(sender)
    }

    /// A full pipe rings already.
    package func ring() {
        var byte: UInt8 = 1
        _ = write(sender, &byte, 1)
    }

    package func silence() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
            while read(descriptor, room.baseAddress, room.count) == room.count {}
        }
    }
}
