/// Latencies in buckets that are at most 3 % wide, so that any number of callers' can be added up.
struct LatencyTally: Sendable {
    private static let fine = 32
    private var buckets: [Int] = []
    private var requests = 0
    private var errors = 0
    private var longest: Int64 = 0

    mutating func count(_ nanoseconds: Int64, isRight: Bool) {
        guard isRight else { return errors += 1 }
        requests += 1
        longest = max(longest, nanoseconds)
        let bucket = Self.bucket(nanoseconds)
        if buckets.count <= bucket { buckets.append(contentsOf: repeatElement(0, count: bucket + 1 - buckets.count)) }
        buckets[bucket] += 1
    }

    mutating func add(_ other: LatencyTally) {
        requests += other.requests
        errors += other.errors
        longest = max(longest, other.longest)
        if buckets.count < other.buckets.count {
            buckets.append(contentsOf: repeatElement(0, count: other.buckets.count - buckets.count))
        }
        for (bucket, count) in other.buckets.enumerated() { buckets[bucket] += count }
    }

    func result(over time: Duration) -> Bench.Result {
        Bench.Result(
            rate: Double(requests) / (time / .seconds(1)), requests: requests, errors: errors,
            p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99), max: Double(longest) / 1_000)
    }

    private func percentile(_ share: Double) -> Double {
        var left = Int((Double(requests) * share).rounded(.up))
        for (bucket, count) in buckets.enumerated() {
            left -= count
            if left <= 0, count > 0 { return Double(Self.middle(bucket)) / 1_000 }
        }
        return 0
    }

    /// The exponent, and the five bits behind the leading one.
    private static func bucket(_ value: Int64) -> Int {
        let value = Int(max(0, value))
        guard value >= fine else { return value }
        let exponent = Int.bitWidth - 1 - value.leadingZeroBitCount
        return (exponent - 4) * fine + (value >> (exponent - 5)) - fine
    }

    private static func middle(_ bucket: Int) -> Int {
        guard bucket >= fine else { return bucket }
        let exponent = bucket / fine + 4
        let width = 1 << (exponent - 5)
        return (bucket % fine + fine) * width + width / 2
    }
}
