import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether a file system has enough room left for those who may write to it.
public struct DiskHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let path: String
    private let minFree: Int

    /// An indicator that is down when fewer than `minFree` bytes are free.
    ///
    /// - Parameters:
    ///   - name: What it is called in the report.
    ///   - path: Any file or folder on the file system.
    ///   - minFree: In bytes, counting only what processes without privileges may use.
    public init(_ name: String = "disk", path: String, minFree: Int) {
        self.name = name
        self.path = path
        self.minFree = minFree
    }

    /// Asks the file system, on a thread for calls that may block.
    public func check() async throws -> HealthStatus {
        let free = try await NIOThreadPool.singleton.runIfActive { [path] in Self.freeBytes(path) }
        guard let free else { return .down(["path": path, "error": "the file system cannot be asked"]) }
        let facts = ["path": path, "free_bytes": String(free), "min_free_bytes": String(minFree)]
        return free >= minFree ? .up(facts) : .down(facts)
    }

    private static func freeBytes(_ path: String) -> Int? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let (bytes, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }
}
