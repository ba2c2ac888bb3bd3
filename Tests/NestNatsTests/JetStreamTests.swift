import NIOCore
import NestTesting
import Synchronization
import Testing

@testable import NestNats

/// Handlers for kept events.
private struct KeptController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> KeptController {
        KeptController(probe: try await resolver.resolve())
    }

    struct Failed: Error {}

    static var handlers: [Handler<KeptController>] {
        [
            .event("kept.noted") { (kept, text: String, _) in kept.probe.log.append("\(kept.probe.name) \(text)") },
            .event("kept.held") { (kept, text: String, _) async throws in
                kept.probe.log.append("began \(text)")
                try await kept.probe.gate.pass()
                kept.probe.log.append("ended \(text)")
            },
            .event("kept.step") { (kept, text: String, context) async throws in
                await Task.yield()
                kept.probe.log.append("\(text) \(context.attempt)")
                if text.hasSuffix("!"), context.attempt < 3 { throw Failed() }
            },
            .event("kept.broken") { (kept, text: String, context) throws in
                kept.probe.log.append("\(text) \(context.attempt)")
                throw Failed()
            },
            .event("kept.delivery") { (kept, _: NoPayload, context) in
                let delivery: NatsDelivery? = context.metadata()
                kept.probe.log.append(
                    "\(delivery?.stream ?? "") \(delivery?.sequence ?? 0) \(delivery?.deliveries ?? 0)")
            },
        ]
    }
}

private struct OverlapController: Controller {
    static var dependencies: [Dependency] { [] }
    static func make(from resolver: Resolver) async throws -> OverlapController { OverlapController() }
    static var handlers: [Handler<OverlapController>] { [.message("kept.*") { (_, payload: Payload, _) in payload }] }
}

@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct JetStreamTests {
    private func options(
        _ broker: NatsBroker? = nil, _ configure: (inout JetStreamOptions) -> Void = { _ in }
    ) async throws -> NatsOptions {
        let broker = if let broker { broker } else { try await Brokers.shared.broker("jetstream", jetStream: true) }
        var options = NatsOptions.test(broker.url)
        var stream = JetStreamOptions(stream: options.prefix, subjects: ["kept.>"])
        configure(&stream)
        options.jetStream = stream
        return options
    }

    private func service(
        _ options: NatsOptions, _ probe: ServiceProbe = ServiceProbe(),
        _ configure: (inout MicroserviceOptions) -> Void = { _ in }
    ) async throws -> NatsService {
        try await NatsService.start(options, probe: probe, controllers: [KeptController.self]) { settings in
            settings.deliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.milliseconds(10)))
            configure(&settings)
        }
    }

    @Test func emitsAreKeptForGroupsThatComeLater() async throws {
        let options = try await options { $0.start = .beginning }
        let client = try ClientProxy.nats(options)
        for number in 0..<5 { try await client.emit("kept.noted", "\(number)") }
        let service = try await service(options)
        try await service.probe.log.eventually("the events") { $0 == (0..<5).map { "a \($0)" } }
        await service.stop()
        for number in 5..<8 { try await client.emit("kept.noted", "\(number)") }
        let next = try await self.service(options)
        try await next.probe.log.eventually("what came meanwhile") { $0 == (5..<8).map { "a \($0)" } }
        await next.stop()
        var replay = options
        replay.jetStream?.start = .sequence(4)
        let other = try await self.service(replay) { $0.group = "other group" }
        try await other.probe.log.eventually("the rest") { $0 == (3..<8).map { "a \($0)" } }
        await client.close()
        await other.stop()
    }

    @Test func requestsMayNotLieInTheStream() async throws {
        let options = try await options()
        await #expect(throws: (any Error).self) {
            try await NatsService.start(options, controllers: [OverlapController.self])
        }
    }

    /// A difference is reported and left alone.
    @Test func anExistingStreamIsNotChanged() async throws {
        let options = try await options()
        let client = try ClientProxy.nats(options)
        try await client.emit("kept.noted", "x")
        await client.close()
        var other = options
        other.jetStream?.storage = .memory
        other.jetStream?.subjects = ["kept.>", "more.>"]
        let found = try await stream(other) { (stream) throws(TransportError) in try await stream.provide() }
        #expect(found.count == 2)
        #expect(found.contains { $0.hasPrefix("storage is file, not memory") })
        other.jetStream?.createsStream = false
        other.jetStream?.stream = "missing"
        let missing = try ClientProxy.nats(other)
        await #expect(throws: TransportError.self) { try await missing.connect() }
        await missing.close()
    }

    /// The same for a dead letter, whose event would be lost.
    @Test func aStrangersAnswerKeepsNoDeadLetter() async throws {
        let options = try await options()
        let service = try await service(options)
        let client = try ClientProxy.nats(options)
        try await delete(try #require(options.jetStream).deadStream, options)
        let answered = Watched(0)
        let stranger = try await stranger(
            options, try #require(options.jetStream).deadSubject(of: "test"), answered)
        try await client.emit("kept.broken", "x")
        try await answered.eventually("a letter that nobody keeps") { $0 > 0 }
        try await stream(options) { (stream) throws(TransportError) in try await stream.provideDeadLetters() }
        let letters = try NatsDeadLetters(options, group: "test")
        let found = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count == 1
        }
        #expect(found.first?.headers["nest-dead-reason"] == "max_attempts")
        await stranger.close()
        await client.close()
        await service.stop()
    }

    private func delete(_ name: String, _ options: NatsOptions) async throws {
        _ = try await stream(options) { (stream) throws(TransportError) in
            try await stream.ask("STREAM.DELETE.\(name)", nil as Bool?, for: JetStreamWire.Problem.self)
        }
    }

    /// Listens to a subject, and answers what is no confirmation of its stream.
    private func stranger(
        _ options: NatsOptions, _ subject: String, _ answered: Watched<Int>
    ) async throws -> NatsConnection {
        let connector = try NatsConnector(options: options)
        let stranger = try await connector.connect(
            on: try PollLoop(), trying: connector.addresses, notices: NatsNotices { _, _ in })
        stranger.inbox = try stranger.subscribe(subject) { [weak stranger] message in
            let reply = String(decoding: message.reply, as: UTF8.self)
            for body in [#"{"ok":true}"#, "thanks", #"{"stream":"OTHER", "seq":9}"#] {
                var body = body
                _ = body.withUTF8 { stranger?.publish(UnsafeRawBufferPointer($0), to: reply) }
            }
            answered.update { $0 += 1 }
        }
        try await stranger.flush(within: .seconds(2))
        return stranger
    }

    /// Talks to JetStream beside the transport.
    private func stream<Value: Sendable>(
        _ options: NatsOptions, _ body: (JetStream) async throws(TransportError) -> Value
    ) async throws -> Value {
        let connector = try NatsConnector(options: options)
        let connection = try await connector.connect(
            on: try PollLoop(), trying: connector.addresses, notices: NatsNotices { _, _ in })
        let stream = JetStream(
            options: try #require(options.jetStream), subjects: NatsSubjects(prefix: options.prefix),
            connection: connection, timeout: .seconds(2))
        let value = try await body(stream)
        await connection.close()
        return value
    }

    /// Somebody else listens to events and answers them; the stream is gone. Nothing is confirmed until it is there again.
    @Test func aStrangersAnswerConfirmsNothing() async throws {
        let options = try await options()
        let client = try ClientProxy.nats(options)
        try await client.emit("kept.noted", "x")
        try await delete(options.prefix, options)
        let nobody = await code { () throws(TransportError) in
            try await client.emit("kept.noted", "nobody", options: .timeout(.milliseconds(300)))
        }
        #expect(nobody == .noResponders)
        let answered = Watched(0)
        let stranger = try await stranger(options, "\(options.prefix).kept.noted", answered)
        let strange = await code { () throws(TransportError) in
            try await client.emit("kept.noted", "strange", options: .timeout(.milliseconds(300)))
        }
        #expect(strange == .timeout)
        #expect(answered.value > 0)
        _ = try await stream(options) { (stream) throws(TransportError) in try await stream.provide() }
        for number in 0..<3 { try await client.emit("kept.noted", "\(number)") }
        await stranger.close()
        let kept = try await stream(options) { (stream) throws(TransportError) in
            try await stream.stream(options.prefix)?.state.messages
        }
        #expect(kept == 3)
        await client.close()
    }

    /// A handler that takes longer than the stream waits is left in peace.
    @Test func longHandlersKeepTheirEvent() async throws {
        let options = try await options { $0.ackWait = .milliseconds(300) }
        let service = try await service(options)
        let client = try ClientProxy.nats(options)
        try await client.emit("kept.held", "x")
        try await service.probe.gate.eventuallyHolds(1)
        try await Task.sleep(for: .milliseconds(1_000))
        service.probe.gate.open()
        try await service.probe.log.eventually("the end") { $0.contains("ended x") }
        try await Task.sleep(for: .milliseconds(500))
        #expect(service.probe.log.value == ["began x", "ended x"])
        await client.close()
        await service.stop()
    }

    @Test func keysKeepTheirOrder() async throws {
        let options = try await options()
        let service = try await service(options)
        let client = try ClientProxy.nats(options)
        for number in 0..<20 {
            for key in ["k", "l"] {
                let text = "\(key)\(number)\(number % 7 == 3 ? "!" : "")"
                try await client.emit("kept.step", text, options: CallOptions(key: key))
            }
        }
        let seen = try await service.probe.log.eventually("all") { $0.count == 2 * (20 + 3 * 2) }
        for key in ["k", "l"] {
            let expected = (0..<20).flatMap { number in
                number % 7 == 3 ? (1...3).map { "\(key)\(number)! \($0)" } : ["\(key)\(number) 1"]
            }
            #expect(seen.filter { $0.hasPrefix(key) } == expected)
        }
        await client.close()
        await service.stop()
    }

    @Test func deadLettersAreListedReplayedAndDiscarded() async throws {
        let options = try await options()
        let first = try await service(options)
        let other = try await service(options, ServiceProbe("b")) { $0.group = "other" }
        let client = try ClientProxy.nats(options)
        try await client.emit("kept.broken", "x", options: CallOptions(headers: ["tenant": "acme", "text": "a: b"]))
        let letters = try NatsDeadLetters(options, group: "test")
        let found = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count == 1
        }
        let letter = try #require(found.first)
        #expect(letter.pattern == "kept.broken")
        #expect(letter.payload?.description == #""x""#)
        #expect(letter.headers["tenant"] == "acme")
        #expect(letter.headers["text"] == "a: b")
        #expect(letter.headers["nest-dead-reason"] == "max_attempts")
        #expect(letter.headers["nest-attempt"] == "3")
        #expect(letter.headers["nest-dead-source"] == "\(options.prefix):1")
        #expect(first.probe.log.value == ["x 1", "x 2", "x 3"])
        #expect(try await letters.show(letter.id)?.pattern == "kept.broken")
        #expect(try await letters.show("99") == nil)
        try await other.probe.log.eventually("the other group's tries") { $0.count == 3 }

        try await letters.replay(letter.id)
        try await first.probe.log.eventually("three more tries") { $0.count == 6 }
        let again = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count == 1 && $0[0].id != letter.id
        }
        #expect(other.probe.log.value.count == 3)
        try await letters.discard(again[0].id)
        #expect(try await letters.list().letters.isEmpty)
        await client.close()
        await first.stop()
        await other.stop()
    }

    private func waitFor<Value: Sendable>(
        _ value: () async throws -> Value, until isMet: (Value) -> Bool
    ) async throws -> Value {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            let found = try await value()
            if isMet(found) || ContinuousClock.now > end { return found }
            await Task.yield()
        }
    }

    /// What is no JSON is kept aside with its reason, and holds up nobody.
    @Test func unreadableEventsAreKeptAside() async throws {
        let options = try await options()
        let service = try await service(options)
        _ = try await stream(options) { (stream) throws(TransportError) in
            try await stream.connection.store(
                ByteBuffer(string: "no json"), in: options.prefix, as: stream.subjects.subject(of: "kept.noted"),
                [:], within: .seconds(2))
            try await stream.connection.store(
                ByteBuffer(string: #""bare""#), in: options.prefix, as: stream.subjects.subject(of: "kept.noted"),
                [:], within: .seconds(2))
        }
        try await service.probe.log.eventually("the next one") { $0 == ["a bare"] }
        let letters = try NatsDeadLetters(options, group: "test")
        let found = try await waitFor {
            try await letters.list().letters
        } until: {
            $0.count == 1
        }
        #expect(found.first?.headers["nest-dead-reason"] == "invalid_message")
        #expect(found.first?.payload == nil)
        await service.stop()
    }

    @Test func handlersSeeTheDelivery() async throws {
        let options = try await options()
        let service = try await service(options)
        let client = try ClientProxy.nats(options)
        try await client.emit("kept.delivery", Payload.null)
        try await service.probe.log.eventually("the delivery") { $0 == ["\(options.prefix) 1 1"] }
        await client.close()
        await service.stop()
    }

    /// A consumer that is gone is made again.
    @Test func aDeletedConsumerIsMadeAgain() async throws {
        let options = try await options {
            $0.idleHeartbeat = .milliseconds(100)
            $0.start = .beginning
            // On disk, nats-server 2.9 sometimes fails to delete a consumer that it writes at the same time.
            $0.storage = .memory
        }
        let service = try await service(options)
        let client = try ClientProxy.nats(options)
        try await client.emit("kept.noted", "1")
        try await service.probe.log.eventually("the first") { $0 == ["a 1"] }
        _ = try await stream(options) { (stream) throws(TransportError) in
            _ = try await stream.ask(
                "CONSUMER.DELETE.\(stream.options.stream).test", nil as Bool?, for: JetStreamWire.Problem.self)
        }
        try await client.emit("kept.noted", "2")
        try await service.probe.log.eventually("the second") { $0.last == "a 2" }
        await client.close()
        await service.stop()
    }

    /// Every event that was confirmed is handled, whatever happens to the broker.
    @Test func nothingConfirmedIsLost() async throws {
        let broker = try await NatsBroker.started(jetStream: true)
        let options = try await options(broker) { $0.ackWait = .seconds(1) }
        let service = try await service(options)
        let client = try ClientProxy.nats(options)
        let confirmed = Watched<Set<String>>([])
        let writers = Task {
            await withDiscardingTaskGroup { group in
                for writer in 0..<8 {
                    group.addTask {
                        for number in 0..<100 where !Task.isCancelled {
                            do throws(TransportError) {
                                try await client.emit(
                                    "kept.noted", "\(writer).\(number)", options: .timeout(.seconds(20)))
                                confirmed.update { _ = $0.insert("a \(writer).\(number)") }
                            } catch {
                                Issue.record("not confirmed: \(error)")
                            }
                        }
                    }
                }
            }
        }
        for count in [200, 400, 600] {
            try await confirmed.eventually("\(count) confirmed") { $0.count >= count }
            await broker.process.kill()
            try await broker.process.start()
        }
        try await within(.seconds(30), "the writers") { await writers.value }
        #expect(confirmed.value.count == 800)
        let wanted = confirmed.value
        try await service.probe.log.eventuallyContains(wanted, within: .seconds(20), "all of them")
        await client.close()
        await service.stop()
    }

    @Test func aClusterLosesItsLeader() async throws {
        let cluster = try await NatsCluster.started()
        var options = NatsOptions.test(cluster.urls[0])
        options.servers = cluster.urls
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["kept.>"])
        options.jetStream?.replicas = 3
        options.jetStream?.ackWait = .seconds(2)
        options.jetStream?.idleHeartbeat = .milliseconds(500)
        let service = try await service(options) { $0.startup = .retry(for: .seconds(20)) }
        let client = try ClientProxy.nats(options)
        for number in 0..<10 { try await client.emit("kept.noted", "\(number)", options: .timeout(.seconds(20))) }
        try await service.probe.log.eventually("the first ten") { $0.count >= 10 }
        await cluster.members[0].process.kill()
        for number in 10..<30 { try await client.emit("kept.noted", "\(number)", options: .timeout(.seconds(30))) }
        let expected = Set((0..<30).map { "a \($0)" })
        try await service.probe.log.eventually(within: .seconds(30), "all") { Set($0) == expected }
        await client.close()
        await service.stop()
    }

    @Test func health() async throws {
        let broker = try await NatsBroker.started(jetStream: true)
        let options = try await options(broker)
        let client = try ClientProxy.nats(options)
        let service = try await service(options)
        try await client.emit("kept.broken", "x")
        let indicator = try NatsBrokerHealth("nats", options, group: "test", maxLag: 2)
        let status = try await waitFor {
            try await indicator.check()
        } until: {
            $0.details["dead_letters"] == "1"
        }
        #expect(status.state == .up)
        #expect(status.details["lag"] == "0")
        #expect(status.details["round_trip_us"] != nil)
        await service.stop()
        for number in 0..<3 { try await client.emit("kept.noted", "\(number)") }
        let late = try await indicator.check()
        #expect(late.state == .degraded)
        #expect(late.details["lag"] == "3")
        await broker.process.kill()
        #expect(try await indicator.check().state == .down)
        // The client hears of the cut by itself, a moment later perhaps.
        let reading = NatsBrokerHealth("client", client)
        let seen = try await waitFor {
            try await reading.check()
        } until: {
            $0.state == .down
        }
        #expect(seen.state == .down)
        await client.close()
    }
}
