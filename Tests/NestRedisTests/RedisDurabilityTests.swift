import Foundation
import NestRedis
import NestTesting
import Synchronization
import Testing

/// What handlers have seen of numbered events, by key.
private final class NumberLog: Sendable {
    private let seen = Mutex<[String: [Int]]>([:])
    /// Events that were seen once at least.
    let distinct = Watched(0)
    let deliveries = Atomic(0)

    func note(_ number: Numbered) {
        deliveries.add(1, ordering: .relaxed)
        let isNew = seen.withLock { seen in
            guard seen[number.key]?.contains(number.number) != true else { return false }
            seen[number.key, default: []].append(number.number)
            return true
        }
        if isNew { distinct.increment() }
    }

    /// The order in which the numbers of each key were seen first.
    var orders: [String: [Int]] { seen.withLock { $0 } }
}

private struct Numbered: Codable, Sendable {
    var key: String
    var number: Int
}

private struct NumberController: Controller {
    let log: NumberLog

    static var dependencies: [Dependency] { [Dependency(NumberLog.self)] }

    static func make(from resolver: Resolver) async throws -> NumberController {
        NumberController(log: try await resolver.resolve())
    }

    static var handlers: [Handler<NumberController>] {
        [
            .event("test.numbered") { (numbers, number: Numbered, _) async in
                await Task.yield()
                numbers.log.note(number)
            }
        ]
    }
}

/// Confirmed events, while Redis and the services are killed at random. `NEST_REDIS_EVENTS=100000` is the whole run.
@Suite(.serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"))
struct RedisDurabilityTests {
    private static let count = Int(ProcessInfo.processInfo.environment["NEST_REDIS_EVENTS"] ?? "") ?? 6_400
    private static let keys = 64

    @Test(arguments: RedisMode.durable)
    func nothingConfirmedIsLost(_ mode: RedisMode) async throws {
        let broker = try await RedisBroker.started(extra: [RedisBroker.flushesAlways])
        var options = RedisOptions.test(broker.url, mode)
        options.claimAfter = .seconds(1)
        let log = NumberLog()
        let services = try await Services(options, log)
        let client = try ClientProxy.redis(options)
        let confirmed = Watched(0)
        let perKey = Self.count / Self.keys
        let writers = Task {
            await withDiscardingTaskGroup { group in
                for key in 0..<Self.keys {
                    group.addTask { await write("k\(key)", perKey, client, confirmed) }
                }
            }
        }
        let kills = try await kill(broker, services, client, until: confirmed)
        await writers.value
        let total = perKey * Self.keys
        #expect(confirmed.value == total)
        try await log.distinct.eventually(within: .seconds(60), "every confirmed event") { $0 >= total }
        if mode == .streams {
            let order = Array(0..<perKey)
            let disordered = log.orders.filter { $0.value != order }
            #expect(disordered.isEmpty, "\(disordered.count) keys, such as \(disordered.first?.key ?? "")")
        }
        print("\(mode): \(total) events, \(log.deliveries.load(ordering: .relaxed)) deliveries, \(kills) kills")
        await client.close()
        await services.stop()
    }

    /// One after another, each again until it is confirmed.
    private func write(_ key: String, _ count: Int, _ client: ClientProxy, _ confirmed: Watched<Int>) async {
        for number in 0..<count {
            let event = Numbered(key: key, number: number)
            while !Task.isCancelled {
                do throws(TransportError) {
                    let options = CallOptions(timeout: .seconds(10), key: key)
                    try await client.emit("test.numbered", event, options: options)
                    break
                } catch {
                    await Task.yield()
                }
            }
            confirmed.increment()
        }
    }

    /// Kills something now and then, until everything is confirmed; how often it did.
    private func kill(
        _ broker: RedisBroker, _ services: Services, _ client: ClientProxy, until confirmed: Watched<Int>
    ) async throws -> Int {
        let total = Self.count / Self.keys * Self.keys
        var kills = 0
        while confirmed.value < total {
            let next = min(total, confirmed.value + Int.random(in: total / 40...total / 10))
            try await confirmed.eventually(within: .seconds(180), "\(next) confirmed") { $0 >= next }
            guard next < total else { return kills }
            kills += 1
            switch Int.random(in: 0..<4) {
            case 0: try await broker.run("CLIENT", "KILL", "TYPE", "normal")
            case 1: try await services.replaceOne()
            default:
                await broker.process.kill()
                try await broker.process.start()
            }
        }
        return kills
    }
}

/// Two instances of a service, of which one dies now and then.
private actor Services {
    private let options: RedisOptions
    private let log: NumberLog
    private var running: [RedisService] = []

    init(_ options: RedisOptions, _ log: NumberLog) async throws {
        self.options = options
        self.log = log
        for _ in 0..<2 { running.append(try await start()) }
    }

    func replaceOne() async throws {
        await running.removeFirst().kill()
        running.append(try await start())
    }

    func stop() async {
        for service in running { await service.stop() }
    }

    private func start() async throws -> RedisService {
        try await RedisService.start(options, controllers: [NumberController.self], providers: [.value(log)]) {
            $0.startup = .retry(for: .seconds(60))
        }
    }
}
