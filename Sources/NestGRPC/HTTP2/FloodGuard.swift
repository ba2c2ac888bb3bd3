import NIOCore

/// Counts what a peer may do that costs us something and brings nobody anything. Every call and every byte of a message
/// earns a peer some of it.
struct FloodGuard {
    private struct Bucket {
        let burst: Int
        let rate: Int64
        var left: Int
        var filled = NIODeadline.now()

        init(burst: Int, rate: Int64) {
            self.burst = burst
            self.rate = rate
            left = burst
        }

        /// False when nothing is left.
        mutating func take() -> Bool {
            if left <= 0 { refill() }
            left -= 1
            return left >= 0
        }

        mutating func add(_ count: Int) { left = min(burst, left + count) }

        private mutating func refill() {
            let now = NIODeadline.now()
            let due = (now - filled).nanoseconds / (1_000_000_000 / rate)
            guard due > 0 else { return }
            filled = now
            left = min(burst, Int(due))
        }
    }

    /// Pings, settings, priorities, empty frames.
    private var controls = Bucket(burst: 1_000, rate: 100)
    /// Calls that are given up: many at once when many callers lose their patience, but not for ever.
    private var resets = Bucket(burst: 5_000, rate: 1_000)

    /// A frame begins; false when it is one too many.
    @inline(__always)
    mutating func allows(_ type: HTTP2FrameType?, flags: UInt8, length: Int) -> Bool {
        switch type {
        case .headers:
            controls.add(1)
            return true
        case .data:
            if length > 0 {
                controls.add(1)
                return true
            }
            return flags & 1 != 0 || controls.take()
        case .windowUpdate, .goAway: return true
        case .reset: return resets.take()
        case .settings, .ping: return flags & 1 != 0 || controls.take()
        case .priority, .pushPromise, .continuation, nil: return controls.take()
        }
    }
}
