import NestMessaging

/// A closed loop of callers: each sends its next request when the last one is answered.
struct Bench: Sendable {
    /// What one run came to. Times in microseconds.
    struct Result: Encodable, Sendable {
        var rate: Double
        var requests: Int
        var errors: Int
        var p50: Double
        var p90: Double
        var p99: Double
        var max: Double
    }

    let client: ClientProxy
    let pattern: Pattern
    let payload: MessageEcho

    func run(inFlight: Int, warmup: Duration, time: Duration) async throws -> Result {
        let start = ContinuousClock.now
        let (from, to) = (start + warmup, start + warmup + time)
        let tally = try await withThrowingTaskGroup(of: LatencyTally.self) { group in
            for _ in 0..<inFlight { group.addTask { await call(from: from, to: to) } }
            return try await group.reduce(into: LatencyTally()) { $0.add($1) }
        }
        return tally.result(over: time)
    }

    private func call(from: ContinuousClock.Instant, to: ContinuousClock.Instant) async -> LatencyTally {
        var tally = LatencyTally()
        var start = ContinuousClock.now
        while start < to {
            let isRight = await send()
            let end = ContinuousClock.now
            if start >= from, end <= to { tally.count(end - start, isRight: isRight) }
            start = end
        }
        return tally
    }

    private func send() async -> Bool {
        do throws(TransportError) {
            let reply: MessageEcho = try await client.send(pattern, payload)
            return reply.id == payload.id
        } catch {
            return false
        }
    }
}
