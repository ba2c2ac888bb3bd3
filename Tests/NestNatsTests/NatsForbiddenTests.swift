import NestTesting
import Testing

@testable import NestNats

/// What the server does not permit fails at once, and says so.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsForbiddenTests {
    private func scene(_ denied: [String]) async throws -> (NatsBroker, NatsOptions) {
        let list = denied.map { "\"\($0)\"" }.joined(separator: ", ")
        let users = "{user: all, password: b}, {user: some, password: b, permissions: {publish: {deny: [\(list)]}}}"
        let broker = try await NatsBroker.started(.init(authorization: "{ users: [ \(users) ] }"), jetStream: true)
        var options = NatsOptions.test(broker.url, prefix: "p")
        options.credentials = .user("all", password: .value("b"))
        return (broker, options)
    }

    private func error(_ body: () async throws(TransportError) -> Void) async -> TransportError? {
        let begin = ContinuousClock.now
        do throws(TransportError) {
            try await body()
            return nil
        } catch {
            #expect(ContinuousClock.now - begin < .seconds(1))
            return error
        }
    }

    @Test func requestsAndStreams() async throws {
        let (broker, options) = try await scene(["p.test.echo", "p.test.who", "p.test.numbers", "p.{>"])
        let service = try await NatsService.start(options)
        var restricted = options
        restricted.credentials = .user("some", password: .value("b"))
        let client = try ClientProxy.nats(restricted)
        let held = Task { () throws -> String in
            try await client.send("test.hold", Payload.null, options: .timeout(.seconds(20)))
        }
        try await service.probe.gate.eventuallyHolds(1)
        let errors = await withTaskGroup(of: (String, TransportError?).self) { group in
            for number in 0..<40 {
                let name = number % 2 == 0 ? "test.echo" : "test.who"
                group.addTask {
                    (
                        name,
                        await error { () throws(TransportError) in try await client.send(Pattern(name), Payload.null) }
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (name, error) in errors {
            #expect(error?.code == .forbidden)
            #expect(error?.message.contains("\"p.\(name)\"") == true, "\(name): \(String(describing: error))")
        }
        let stream = await error { () throws(TransportError) in
            var numbers = try await client.stream("test.numbers", 5, of: Int.self).makeAsyncIterator()
            do {
                _ = try await numbers.next()
            } catch let error as TransportError {
                throw error
            } catch {
                throw TransportError(.internal, "\(error)")
            }
        }
        #expect(stream?.code == .forbidden)
        let health = await client.health()
        #expect(health.state == .degraded)
        #expect(health.details["refused"]?.contains("Permissions Violation for Publish") == true)
        #expect(health.details["pending"] == "1", "the call that is permitted still waits")
        service.probe.gate.open()
        #expect(try await held.value == "a")
        await client.close()
        await service.stop()
        _ = broker
    }

    @Test func keptEvents() async throws {
        let (broker, options) = try await scene(["p.test.noted"])
        var kept = options
        kept.jetStream = JetStreamOptions(stream: "S", subjects: ["test.noted", "test.held"])
        let service = try await NatsService.start(kept)
        kept.credentials = .user("some", password: .value("b"))
        let client = try ClientProxy.nats(kept)
        let refused = await error { () throws(TransportError) in try await client.emit("test.noted", "x") }
        #expect(refused?.code == .forbidden)
        try await client.emit("test.held", "y")
        service.probe.gate.open()
        try await service.probe.log.eventually("the other one") { $0 == ["y"] }
        await client.close()
        await service.stop()
        _ = broker
    }

    /// Who may not ask JetStream is told so, and not that JetStream is slow.
    @Test func jetStreamItself() async throws {
        let (broker, options) = try await scene(["$JS.API.>"])
        var kept = options
        kept.credentials = .user("some", password: .value("b"))
        kept.connectTimeout = .milliseconds(500)
        kept.jetStream = JetStreamOptions(stream: "S", subjects: ["test.noted"])
        let client = try ClientProxy.nats(kept)
        let refused = await error { () throws(TransportError) in try await client.connect() }
        #expect(refused?.code == .forbidden)
        #expect(refused?.message.contains("$JS.API.STREAM.INFO.S") == true)
        await client.close()
        _ = broker
    }

    /// The subject stands in the error of a service that does not start.
    @Test func subscriptionsAreNamed() async throws {
        let broker = try await NatsBroker.started(
            .init(
                authorization:
                    #"{ users: [ {user: a, password: b, permissions: {subscribe: {deny: "p.test.who"}}} ] }"#))
        var options = NatsOptions.test(broker.url, prefix: "p")
        options.credentials = .user("a", password: .value("b"))
        do {
            _ = try await NatsService.start(options)
            Issue.record("it started")
        } catch let error as TransportError {
            #expect(error.code == .forbidden)
            #expect(error.message.contains("p.test.who"), "\(error)")
        }
    }

    @Test func whatTheServerSays() {
        let publish = NatsRefusal(#"Permissions Violation for Publish to "a.b""#)
        #expect(publish?.action == .publish)
        #expect(publish?.subject == "a.b")
        let subscribe = NatsRefusal(#"Permissions Violation for Subscription to "a.>" using queue "q""#)
        #expect(subscribe?.action == .subscribe)
        #expect(subscribe?.subject == "a.>")
        #expect(NatsRefusal("Authorization Violation") == nil)
        #expect(NatsRefusal("Permissions Violation for Publish to nothing") == nil)
    }

    @Test func tagsOfSubjects() {
        let subjects = NatsSubjects(prefix: "shop")
        for pattern: Pattern in ["a", "orders.create", "orders.create.urgent", ["cmd": "a * b", "n": 1]] {
            #expect(subjects.tags(of: subjects.subject(of: pattern)).contains(NatsSubjects.tag(of: pattern)))
        }
        #expect(subjects.tags(of: "other.a").isEmpty)
        let tags = (0..<10_000).map { NatsSubjects.tag(of: Pattern("orders.\($0).create")) }
        #expect(Set(tags).count == 10_000)
        #expect(!tags.contains(0))
    }
}
