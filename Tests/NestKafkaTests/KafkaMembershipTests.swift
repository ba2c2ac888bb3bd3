import CRdKafka
import Dispatch
import Logging
import NestTesting
import Testing

@testable import NestKafka

/// Members of groups, and what the brokers take them for.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaMembershipTests {
    /// An instance with a name of its own is a static member: that is all we do about it, the rest is the library's and the
    /// brokers'. Neither of ours plays their part: the pretended cluster takes a static member for any other, and Tansu
    /// deals out no partitions between two of them.
    @Test(arguments: [nil, "left-hand"]) func theNameOfAnInstanceIsTheMembers(_ name: String?) async throws {
        var options = KafkaOptions.test(try await Brokers.shared.mock().bootstrap)
        options.consumer.instanceID = name
        let connector = try KafkaConnector(options, .quiet)
        let session = try await connector.session([], metrics: nil)
        let member = try await KafkaConsumer(KafkaPlan.Group(id: "g", topics: [:]), session, connector, nil)
        var (text, size) = ([CChar](repeating: 0, count: 64), 64)
        let result = member.handle.lend { rd_kafka_conf_get(rd_kafka_conf($0), "group.instance.id", &text, &size) }
        await member.close(within: .milliseconds(100))
        await session.close()
        #expect((result == RD_KAFKA_CONF_OK) == (name != nil))
        #expect(String(nullTerminated: text) == name ?? "")
    }

    /// Brokers that say no when they are asked for a group's offsets, as those do whose coordinator is on the move, are asked
    /// again.
    @Test func offsetsThatAreNotToldAreAskedForAgain() async throws {
        let mock = try await Brokers.shared.mock()
        var options = KafkaOptions.test(mock.bootstrap)
        options.topics.provision = .check
        options.consumer.sessionTimeout = KafkaMock.sessionTimeout
        for topic in ["requests", "events", "replies", "dead.default"] {
            try mock.provideTopic("\(options.prefix).\(topic)", partitions: 3)
        }
        let refusals = 4
        mock.fail(.offsetFetch, with: Array(repeating: RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, count: refusals))
        let service = try await KafkaService.start(options) { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 1) }
        let client = try ClientProxy.kafka(options)
        let reply: Int = try await client.send("test.echo", 1)
        #expect(reply == 1)
        await client.close()
        await service.stop()
    }

    /// A handler that blocks its thread until the library takes the member for stuck and leaves the group: that is seen, the
    /// member comes back by itself, and nothing is lost.
    @Test func whoLooksTooSeldomIsNoticedAndComesBack() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.consumer.maxPollInterval = .seconds(2)
        options.consumer.revokeTimeout = .seconds(1)
        let (lines, block) = (Watched<[String]>([]), Block())
        let service = try await KafkaService.start(
            options, controllers: [BlockingController.self], providers: [.value(block)]
        ) { $0.logger = .recorded(lines) }
        let client = try ClientProxy.kafka(options)
        try await client.connect()
        let release = Task {
            _ = try? await lines.wait { lines in lines.contains { $0.contains("maximum poll interval") } }
            block.end()
        }
        // Confirmations come on the thread that is blocked.
        try await withThrowingTaskGroup { group in
            for number in 0..<60 {
                let pattern: Pattern = number == 30 ? "stuck.block" : "stuck.noted"
                var call = CallOptions(key: "k\(number % 7)")
                call.timeout = .seconds(25)
                group.addTask { [call] in try await client.emit(pattern, number, options: call) }
            }
            try await group.waitForAll()
        }
        await release.value
        #expect(block.hasBlocked)
        let health = try await eventually("health") {
            await service.health()
        } until: {
            $0?.state == .degraded
        }
        #expect(health?.details["refused"]?.contains("`consumer.maxPollInterval`") == true)
        for number in 60..<80 { try await client.emit("stuck.noted", number, options: CallOptions(key: "k")) }
        let expected = Set(0..<80).subtracting([30])
        try await block.seen.eventually(within: .seconds(20), "all events") { expected.isSubset(of: $0) }
        #expect(lines.value.count { $0.contains("warning: Kafka refuses something") } >= 1)
        await client.close()
        await service.stop()
    }

    /// Handlers that take their time on the thread that looks for records, all together for much longer than it may look away:
    /// it looks in between.
    @Test func manySlowHandlersDoNotKeepItFromLooking() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.consumer.maxPollInterval = .seconds(2)
        options.consumer.revokeTimeout = .seconds(1)
        options.consumer.start = .beginning
        let first = try await KafkaService.start(options)
        await first.stop()
        let client = try ClientProxy.kafka(options)
        let count = 120
        for number in 0..<count { try await client.emit("slow.noted", number, options: CallOptions(key: "k")) }
        let (lines, seen) = (Watched<[String]>([]), SlowLog())
        let service = try await KafkaService.start(
            options, controllers: [SlowController.self], providers: [.value(seen)]
        ) {
            $0.group = "slow"
            $0.logger = .recorded(lines)
        }
        try await seen.numbers.eventually(within: .seconds(30), "all events") { $0.count >= count }
        #expect(seen.numbers.value == Array(0..<count))
        #expect(!lines.value.contains { $0.contains("maximum poll interval") })
        await client.close()
        await service.stop()
    }
}

/// What was handled, in order.
private final class SlowLog: Sendable {
    let numbers = Watched<[Int]>([])
}

private struct SlowController: Controller {
    let log: SlowLog

    static var dependencies: [Dependency] { [Dependency(SlowLog.self)] }

    static func make(from resolver: Resolver) async throws -> SlowController {
        SlowController(log: try await resolver.resolve())
    }

    static var handlers: [Handler<SlowController>] {
        [
            .event("slow.noted") { (service, number: Int, _) in
                // It computes.
                let end = ContinuousClock.now + .milliseconds(40)
                while ContinuousClock.now < end {}
                service.log.numbers.append(number)
            }
        ]
    }
}

/// What holds up a thread.
private final class Block: Sendable {
    let seen = Watched<Set<Int>>([])
    private let blocked = Watched(false)
    private let semaphore = DispatchSemaphore(value: 0)

    var hasBlocked: Bool { blocked.value }

    /// As no handler should: it may be called on the thread that looks for records. Once; what comes again passes.
    func begin() {
        let isFirst = blocked.update { blocked in
            defer { blocked = true }
            return !blocked
        }
        if isFirst { _ = semaphore.wait(timeout: .now() + 20) }
    }

    func end() { semaphore.signal() }
}

private struct BlockingController: Controller {
    let block: Block

    static var dependencies: [Dependency] { [Dependency(Block.self)] }

    static func make(from resolver: Resolver) async throws -> BlockingController {
        BlockingController(block: try await resolver.resolve())
    }

    static var handlers: [Handler<BlockingController>] {
        [
            .event("stuck.block") { (service, _: Int, _) in service.block.begin() },
            .event("stuck.noted") { (service, number: Int, _) in
                service.block.seen.update { _ = $0.insert(number) }
            },
        ]
    }
}
