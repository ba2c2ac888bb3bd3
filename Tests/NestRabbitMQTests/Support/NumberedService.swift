import NestRabbitMQ
import NestTesting
import Synchronization

/// An event with a number. `nest-peer` has a handler of the same pattern, which takes it and does not finish.
struct Numbered: Codable, Sendable {
    static let pattern = "slow.event"

    var number: Int
    /// How long `nest-peer` takes.
    var ms = 600_000

    init(_ number: Int) { self.number = number }

    /// One in a hundred never succeeds.
    static func isHopeless(_ number: Int) -> Bool { number % 100 == 99 }
    /// One in a hundred fails at first.
    static func isHard(_ number: Int) -> Bool { number % 100 == 49 }
}

/// What handlers have seen of numbered events.
final class NumberLog: Sendable {
    private struct Seen {
        var done: Set<Int> = []
        var attempts = 0
        var deliveries = 0
    }

    private let seen = Mutex(Seen())
    /// Events that were handled once at least.
    let doneCount = Watched(0)

    var done: Set<Int> { seen.withLock { $0.done } }
    /// The highest try there was.
    var attempts: Int { seen.withLock { $0.attempts } }
    var deliveries: Int { seen.withLock { $0.deliveries } }

    func note(_ number: Int, attempt: Int) throws {
        let isDone = !Numbered.isHopeless(number) && (attempt > 1 || !Numbered.isHard(number))
        let isNew = seen.withLock { seen in
            seen.attempts = max(seen.attempts, attempt)
            seen.deliveries += 1
            return isDone && seen.done.insert(number).inserted
        }
        if isNew { doneCount.increment() }
        if !isDone { throw ServiceFailure() }
    }
}

struct NumberController: Controller {
    let log: NumberLog

    static var dependencies: [Dependency] { [Dependency(NumberLog.self)] }

    static func make(from resolver: Resolver) async throws -> NumberController {
        NumberController(log: try await resolver.resolve())
    }

    static var handlers: [Handler<NumberController>] {
        [
            .event(Pattern(Numbered.pattern)) { (numbers, number: Numbered, context) async throws in
                await Task.yield()
                try numbers.log.note(number.number, attempt: context.attempt)
            }
        ]
    }
}

/// Instances of a service of which one dies now and then: two in this process, and one in its own, which takes what it
/// gets and finishes nothing.
actor NumberedServices {
    static let policy = DeliveryPolicy(maxAttempts: 5, backoff: .constant(.milliseconds(50)))
    /// Events that a killed process has in its hands, at the most.
    static let held = 200

    private let options: RabbitMQOptions
    private let log: NumberLog
    private var running: [RabbitService] = []
    private var peer: BrokerProcess

    init(_ options: RabbitMQOptions, _ log: NumberLog) async throws {
        self.options = options
        self.log = log
        peer = try await PeerProcess.started(options, maxInFlight: Self.held)
        for _ in 0..<2 { running.append(try await start()) }
    }

    func replaceOne() async throws {
        await running.removeFirst().kill()
        running.append(try await start())
    }

    func killProcess() async { await peer.kill() }

    func replaceProcess() async throws {
        await peer.kill()
        peer = try await PeerProcess.started(options, maxInFlight: Self.held)
    }

    func stop() async {
        await peer.kill()
        for service in running { await service.stop() }
    }

    private func start() async throws -> RabbitService {
        try await RabbitService.start(options, controllers: [NumberController.self], providers: [.value(log)]) {
            $0.startup = .retry(for: .seconds(60))
            $0.deliveryPolicy = Self.policy
        }
    }
}
