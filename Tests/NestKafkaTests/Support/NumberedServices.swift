import Foundation
import NestKafka
import NestTesting
import Synchronization

/// An event with a number among those of its key.
struct Numbered: Codable, Sendable {
    /// `nest-peer` has a handler of the same pattern, which takes it and does not finish.
    static let pattern = Pattern("slow.event")

    var key: Int
    var number: Int
    /// How long `nest-peer` takes.
    var ms = 600_000

    init(_ key: Int, _ number: Int) {
        self.key = key
        self.number = number
    }
}

/// What handlers have seen of numbered events.
final class NumberLog: Sendable {
    private struct Seen {
        /// The next number of each key that nobody has seen.
        var next: [Int: Int] = [:]
        var outOfOrder: [String] = []
        var deliveries = 0
    }

    private let seen = Mutex(Seen())
    /// Events that were handled once at least.
    let doneCount = Watched(0)

    var outOfOrder: [String] { seen.withLock { $0.outOfOrder } }
    var deliveries: Int { seen.withLock { $0.deliveries } }

    /// Those of a key come in order; what was seen before may come again.
    func note(_ event: Numbered) {
        let isNew = seen.withLock { seen in
            seen.deliveries += 1
            let next = seen.next[event.key, default: 0]
            if event.number > next { seen.outOfOrder.append("\(event.key): \(event.number) before \(next)") }
            guard event.number >= next else { return false }
            seen.next[event.key] = event.number + 1
            return true
        }
        if isNew { doneCount.increment() }
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
            .event(Numbered.pattern) { (numbers, event: Numbered, _) async in
                await Task.yield()
                numbers.log.note(event)
            }
        ]
    }
}

/// Instances of a service of which one dies now and then: two in this process, and one in its own, which takes what it
/// gets and finishes nothing.
actor NumberedServices {
    private let options: KafkaOptions
    private let log: NumberLog
    private var running: [KafkaService] = []
    private var peer: BrokerProcess?

    init(_ options: KafkaOptions, _ log: NumberLog) async throws {
        self.options = options
        self.log = log
        for _ in 0..<2 { running.append(try await start()) }
    }

    func replaceOne() async throws {
        await running.removeFirst().kill()
        running.append(try await start())
    }

    /// A process takes its share, and is killed with it.
    func haveProcessDie() async throws {
        let folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
        let peer = BrokerProcess(
            BrokerProgram(
                folder.appendingPathComponent("nest-peer").path,
                arguments: [
                    "serve", "kafka://\(options.brokers[0])", "--prefix", options.prefix, "--queue", "default",
                    "--session-timeout", "2",
                ], readyLine: "listening"))
        self.peer = peer
        try await peer.start(within: .seconds(60))
        await peer.kill()
    }

    func stop() async {
        await peer?.kill()
        for service in running { await service.stop() }
    }

    private func start() async throws -> KafkaService {
        try await KafkaService.start(options, controllers: [NumberController.self], providers: [.value(log)]) {
            $0.startup = .retry(for: .seconds(60))
        }
    }
}
