import NestRedis
import NestTesting
import Testing

/// A broker of its own, a service and a client that is connected.
struct OutageScene {
    let broker: RedisBroker
    let options: RedisOptions
    let service: RedisService
    let client: ClientProxy

    static func make(
        _ mode: RedisMode, extra: [String] = [RedisBroker.flushesAlways],
        _ configure: (inout RedisOptions) -> Void = { _ in }
    ) async throws -> OutageScene {
        let broker = try await RedisBroker.started(extra: extra)
        var options = RedisOptions.test(broker.url, mode)
        configure(&options)
        let service = try await RedisService.start(options)
        let client = try ClientProxy.redis(options)
        try await client.connect()
        return OutageScene(broker: broker, options: options, service: service, client: client)
    }

    func close() async {
        await client.close()
        await service.stop()
    }

    /// Kills the broker; returns when the client knows.
    func outage() async {
        await broker.process.kill()
        while await client.health().state != .down { await Task.yield() }
    }

    /// Calls that are held by their handlers.
    func heldCalls(_ count: Int) -> HeldCalls { HeldCalls(count, of: "test.hold", by: client) }

    /// Comes back without being touched: the client's calls, and the service's reading.
    func answered(within limit: Duration = .seconds(10)) async throws { try await client.answered(within: limit) }
}

extension ClientProxy {
    /// Calls until there is an answer.
    func answered(within limit: Duration = .seconds(10)) async throws {
        let end = ContinuousClock.now + limit
        while true {
            do throws(TransportError) {
                let reply: Int = try await send("test.echo", 1, options: .timeout(.seconds(2)))
                return #expect(reply == 1)
            } catch {
                guard [.disconnected, .noResponders, .timeout].contains(error.code), ContinuousClock.now < end else {
                    throw error
                }
                await Task.yield()
            }
        }
    }
}

/// Callers that call on and on, and what they got.
struct CallLoad {
    typealias Counts = (replies: Int, errors: [TransportError.Code: Int])

    let counts = Watched<Counts>((replies: 0, errors: [:]))
    private let callers: Task<Void, Never>

    init(_ client: ClientProxy, callers count: Int = 32, timeout: Duration = .seconds(5)) {
        callers = Task { [counts] in
            await withDiscardingTaskGroup { group in
                for _ in 0..<count { group.addTask { await Self.callOn(client, timeout, counts) } }
            }
        }
    }

    private static func callOn(_ client: ClientProxy, _ timeout: Duration, _ counts: Watched<Counts>) async {
        while !Task.isCancelled {
            do throws(TransportError) {
                let pattern: Pattern = Bool.random() ? "test.echo" : "test.later"
                let _: Int = try await client.send(pattern, 1, options: .timeout(timeout))
                counts.update { $0.replies += 1 }
            } catch {
                counts.update { $0.errors[error.code, default: 0] += 1 }
                await Task.yield()
            }
        }
    }

    /// Returns after so many more replies.
    func replies(_ count: Int, within limit: Duration = .seconds(20)) async throws {
        let before = counts.value.replies
        try await counts.eventually(within: limit, "\(count) replies") { $0.replies >= before + count }
    }

    /// Ends them; the errors there were.
    func end() async -> Set<TransportError.Code> {
        callers.cancel()
        await callers.value
        return Set(counts.value.errors.keys)
    }
}
