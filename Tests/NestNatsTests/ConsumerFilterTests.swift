import NestTesting
import Testing

@testable import NestNats

private struct FirstController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> FirstController {
        FirstController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<FirstController>] {
        [.event("kept.a") { (controller, text: String, _) in controller.probe.log.append("a \(text)") }]
    }
}

private struct SecondController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> SecondController {
        SecondController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<SecondController>] {
        [.event("kept.b") { (controller, text: String, _) in controller.probe.log.append("b \(text)") }]
    }
}

/// A consumer is asked for what there are handlers for, and nothing is skipped when they change.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct ConsumerFilterTests {
    private func filter(_ patterns: [Pattern], stream: [String] = ["kept.>"], prefix: String = "p") -> [String] {
        var options = JetStreamOptions(stream: "S", subjects: stream)
        options.filtersEvents = true
        return ConsumerFilter(of: patterns, options, NatsSubjects(prefix: prefix)).subjects
    }

    @Test func ofHandlers() {
        #expect(filter(["kept.a"]) == ["p.kept.a"])
        #expect(filter(["kept.a", "kept.b"]) == ["p.kept.a", "p.kept.b"])
        #expect(filter(["kept.a", "kept.*"]) == ["p.kept.*"])
        #expect(filter(["kept.>"]) == [])
        #expect(filter(["kept.>", "kept.a"]) == [])
        // Have names in common, and neither holds the other.
        #expect(filter(["kept.a.*", "kept.*.b"]) == [])
        // Beside the stream.
        #expect(filter(["kept.a", "other"]) == ["p.kept.a"])
        // Wider than one of the stream's subjects, which is all of that then.
        #expect(filter([">"], stream: ["kept.>", "told.x"]) == [])
        #expect(filter(["kept.>"], stream: ["kept.a", "told.x"]) == ["p.kept.a"])
        #expect(filter(["*.a"]) == [])
    }

    @Test func wideningNeverNarrows() {
        func filter(_ subjects: String...) -> ConsumerFilter {
            ConsumerFilter(JetStreamWire.Filters(filter_subject: nil, filter_subjects: subjects))
        }
        #expect(filter("a").widened(by: filter("b")) == filter("a", "b"))
        #expect(filter("a.*").widened(by: filter("a.b")) == filter("a.*"))
        #expect(filter("a.*").widened(by: filter("*.b")) == .everything)
        #expect(filter("a").widened(by: .everything) == .everything)
        #expect(filter("a.*").covers(filter("a.b")))
        #expect(!filter("a.b").covers(filter("a.*")))
        #expect(!filter("a").covers(.everything))
        #expect(ConsumerFilter.everything.covers(filter("a")))
    }

    private func options() async throws -> NatsOptions {
        var options = NatsOptions.test(try await Brokers.shared.broker("jetstream", jetStream: true).url)
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["kept.>"])
        options.jetStream?.start = .beginning
        return options
    }

    private func consumer(_ options: NatsOptions) async throws -> JetStreamWire.ConsumerInfo? {
        let connector = try NatsConnector(options: options)
        let connection = try await connector.connect(
            on: try PollLoop(), trying: connector.addresses, notices: NatsNotices { _, _ in })
        let stream = options.stream(NatsSubjects(prefix: options.prefix), over: connection)
        let info = try await stream?.consumer("test")
        await connection.close()
        return info
    }

    private func start(
        _ options: NatsOptions, _ probe: ServiceProbe, _ controllers: [any Injectable.Type]
    ) async throws -> NatsService {
        try await NatsService.start(options, probe: probe, controllers: controllers) {
            $0.deliveryPolicy = DeliveryPolicy(maxAttempts: 2, backoff: .constant(.milliseconds(10)))
        }
    }

    @Test func aHandlerIsAdded() async throws {
        let options = try await options()
        let client = try ClientProxy.nats(options)
        let first = try await start(options, ServiceProbe(), [FirstController.self])
        #expect(try await consumer(options)?.config?.filter_subject == "\(options.prefix).kept.a")
        try await client.emit("kept.b", "before")
        try await client.emit("kept.a", "1")
        try await first.probe.log.eventually("the first") { $0 == ["a 1"] }
        // The server keeps from it what it has no handler for.
        #expect(try await consumer(options)?.num_pending == 0)

        // Another version comes, while the old one still runs.
        let second = try await start(options, ServiceProbe(), [FirstController.self, SecondController.self])
        let now = ConsumerFilter(try await consumer(options)?.config)
        #expect(now.covers(ConsumerFilter(JetStreamWire.Filters(filter_subject: "\(options.prefix).kept.b"))))
        await first.stop()
        for number in 2..<20 { try await client.emit(number % 2 == 0 ? "kept.a" : "kept.b", "\(number)") }
        try await second.probe.log.eventually("all of them") { $0.count >= 18 }

        // The old one again: nothing is narrowed.
        let old = try await start(options, ServiceProbe(), [FirstController.self])
        #expect(ConsumerFilter(try await consumer(options)?.config) == now)
        await old.stop()
        await second.stop()
        await client.close()
    }

    /// A consumer that another version has asked for more: what this one cannot handle is kept aside at last.
    @Test func aHandlerIsRemoved() async throws {
        let options = try await options()
        var wide = options
        wide.jetStream?.subjects = ["kept.>", "told.>"]
        let both = try await start(wide, ServiceProbe(), [WildController.self])
        #expect(try await consumer(wide)?.config?.filter_subject == "\(options.prefix).kept.*")
        await both.stop()
        let client = try ClientProxy.nats(wide)
        let first = try await start(wide, ServiceProbe(), [FirstController.self])
        try await client.emit("kept.b", "x")
        try await client.emit("kept.a", "1")
        try await first.probe.log.eventually("its own") { $0 == ["a 1"] }
        let letters = try NatsDeadLetters(wide, group: "test")
        let end = ContinuousClock.now + .seconds(10)
        while try await letters.count() == 0, ContinuousClock.now < end { await Task.yield() }
        let letter = try await letters.list().letters.first
        #expect(letter?.pattern == "kept.b")
        #expect(letter?.reason == "no_handler")
        await client.close()
        await first.stop()
    }
}

private struct WildController: Controller {
    static var dependencies: [Dependency] { [] }
    static func make(from resolver: Resolver) async throws -> WildController { WildController() }
    static var handlers: [Handler<WildController>] { [.event("kept.*") { (_, _: String, _) in }] }
}
