#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether the process keeps within its memory.
public struct MemoryHealth: HealthIndicator {
    /// What it is called in the report.
    public let name: String
    private let maxResident: Int

    /// An indicator that is down when the process has more than `maxResident` bytes in memory. It reads what Linux says
    /// of the process; elsewhere it is degraded, since nothing is measured.
    public init(_ name: String = "memory", maxResident: Int) {
        self.name = name
        self.maxResident = maxResident
    }

    /// Reads how much memory the process has.
    public func check() async throws -> HealthStatus {
        guard let resident = Self.residentBytes() else { return .degraded(["reason": "not measured here"]) }
        let facts = ["resident_bytes": String(resident), "max_resident_bytes": String(maxResident)]
        return resident <= maxResident ? .up(facts) : .down(facts)
    }

    /// The second number of the file, in pages. Reading it does not block: the kernel writes it as it is read.
    private static func residentBytes() -> Int? {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let text = String(unsafeUninitializedCapacity: 128) { max(0, read(file, $0.baseAddress, $0.count)) }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
