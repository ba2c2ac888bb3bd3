import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file of a Unix domain socket. It outlives a process that was killed, and then stands in the way of the next one.
struct UnixSocketFile {
    let path: String

    /// Removes a file that nobody listens on. Throws when somebody does, or when it is no socket.
    func removeIfStale(group: any EventLoopGroup) async throws(TransportError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw TransportError(.invalidConfiguration, "\(path) exists and is no socket")
        }
        guard await !isServed(group) else {
            throw TransportError(.addressInUse, "\(path) is in use: another process listens on it")
        }
        remove()
    }

    func remove() { unlink(path) }

    private func isServed(_ group: any EventLoopGroup) async -> Bool {
        let probe = ClientBootstrap(group: group).connectTimeout(.seconds(1))
        do {
            try await probe.connect(unixDomainSocketPath: path).get().close()
            return true
        } catch let error as IOError {
            return error.errnoCode != ECONNREFUSED && error.errnoCode != ENOENT
        } catch {
            return true
        }
    }
}
