import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Redis's time of day, told by our uptime. Ids of entries carry it: what waits since when is told by it, however wrong
/// our own clock is.
struct RedisClock: Sendable {
    /// Milliseconds since 1970 at Redis when our uptime was zero.
    private let offset: Int64

    /// As our own clock has it.
    init() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        self.init(milliseconds: Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000)
    }

    /// From the reply to `TIME`; our own clock when it was refused.
    init(_ reply: RedisReply) {
        let parts = reply.texts.compactMap { Int64($0) }
        guard parts.count == 2 else {
            self.init()
            return
        }
        self.init(milliseconds: parts[0] * 1_000 + parts[1] / 1_000)
    }

    private init(milliseconds: Int64) { offset = milliseconds - Self.uptime(.now()) }

    private static func uptime(_ time: NIODeadline) -> Int64 { Int64(time.uptimeNanoseconds / 1_000_000) }

    /// Milliseconds since 1970 at Redis.
    func milliseconds(at time: NIODeadline = .now()) -> Int64 { Self.uptime(time) + offset }

    /// How long ago Redis's clock stood there; not less than nothing.
    func age(of milliseconds: Int64, at time: NIODeadline = .now()) -> Int64 {
        max(0, self.milliseconds(at: time) - milliseconds)
    }
}
