import ArgumentParser
import NIOCore
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

    /// Where callers run.
    enum Callers: String, ExpressibleByArgument {
        /// On the client's event loop.
        case loop
        /// On Swift's pool.
        case pool
    }

    /// A client and its callers.
    struct Lane: Sendable {
        let client: ClientProxy
        /// The callers' executor; nil: the pool.
        let executor: LoopTaskExecutor?
    }

    let lanes: [Lane]
    let pattern: Pattern
    let payload: MessageEcho

    func run(inFlight: Int, warmup: Duration, time: Duration) async throws -> Result {
        let start = NIODeadline.now()
        let (from, to) = (start + TimeAmount(warmup), start + TimeAmount(warmup + time))
        let tally = try await withThrowingTaskGroup(of: LatencyTally.self) { group in
            for number in 0..<inFlight {
                let lane = lanes[number % lanes.count]
                group.addTask(executorPreference: lane.executor) { await call(lane.client, from: from, to: to) }
            }
            return try await group.reduce(into: LatencyTally()) { $0.add($1) }
        }
        return tally.result(over: time)
    }

    private func call(_ client: ClientProxy, from: NIODeadline, to: NIODeadline) async -> LatencyTally {
        var tally = LatencyTally()
        var start = NIODeadline.now()
        while start < to {
            let isRight = await send(client)
            let end = NIODeadline.now()
            if start >= from, end <= to { tally.count((end - start).nanoseconds, isRight: isRight) }
            start = end
        }
        return tally
    }

    private func send(_ client: ClientProxy) async -> Bool {
        do throws(TransportError) {
            let reply: MessageEcho = try await client.send(pattern, payload)
            return reply.id == payload.id
        } catch {
            return false
        }
    }
}
