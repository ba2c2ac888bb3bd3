import ArgumentParser
import NIOCore
import NestMessaging
import Synchronization

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
        /// On the loop that the client's connections live on.
        case loop
        /// On Swift's pool.
        case pool
    }

    /// A client and its callers. They count together: a tally for each of hundreds would not fit the cache, and what is
    /// measured would be that.
    final class Lane: Sendable {
        let client: ClientProxy
        /// The callers' executor; nil: the pool.
        let executor: (any TaskExecutor)?
        let tally = Mutex(LatencyTally())

        init(client: ClientProxy, executor: (any TaskExecutor)?) {
            self.client = client
            self.executor = executor
        }
    }

    /// What a caller does again and again. One for all of them: hundreds of copies would be measured too.
    indirect enum Work: Sendable {
        /// Encodes a request and decodes its reply.
        case typed(MessageEcho)
        /// Sends a request as bytes, and leaves its reply so.
        case bytes(Payload)
        /// Sends an event.
        case event(Payload)
    }

    let lanes: [Lane]
    let pattern: Pattern
    let work: Work

    func run(inFlight: Int, warmup: Duration, time: Duration) async -> Result {
        let start = NIODeadline.now()
        let (from, to) = (start + TimeAmount(warmup), start + TimeAmount(warmup + time))
        await withDiscardingTaskGroup { group in
            for number in 0..<inFlight {
                let lane = lanes[number % lanes.count]
                group.addTask(executorPreference: lane.executor) { await call(lane, from: from, to: to) }
            }
        }
        let tally = lanes.reduce(into: LatencyTally()) { tally, lane in lane.tally.withLock { tally.add($0) } }
        return tally.result(over: time)
    }

    private func call(_ lane: Lane, from: NIODeadline, to: NIODeadline) async {
        var start = NIODeadline.now()
        while start < to {
            let isRight = await send(lane.client)
            let end = NIODeadline.now()
            if start >= from, end <= to {
                lane.tally.withLock { $0.count((end - start).nanoseconds, isRight: isRight) }
            }
            start = end
        }
    }

    private func send(_ client: ClientProxy) async -> Bool {
        do throws(TransportError) {
            switch work {
            case .typed(let payload):
                let reply: MessageEcho = try await client.send(pattern, payload)
                return reply.id == payload.id
            case .bytes(let payload):
                let reply: Payload = try await client.send(pattern, payload)
                return reply.count == payload.count
            case .event(let payload):
                try await client.emit(pattern, payload)
                return true
            }
        } catch {
            return false
        }
    }
}
