import NestNats
import NestTesting
import Testing

@Suite(
    .serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"),
    .enabled(if: PythonPeer.isExpected("nats.errors"), "nats-py is not installed: Scripts/setup.sh --peers does it"))
struct PythonPeerTests {
    private struct Results: Decodable {
        struct Answer<Payload: Decodable>: Decodable {
            struct Failure: Decodable {
                var message: String
                var code: String
            }

            var ok: Bool
            var payload: Payload?
            var error: Failure?
        }

        var bare: Answer<[String: Int]>
        var empty: Answer<Int>
        var envelope: Answer<[Int]>
        var spaced: Answer<Int>
        var headers: Answer<[String: String]>
        var malformed: Answer<Int>
        var many: [Int]
        var unknown: String
    }

    @Test func asAClient() async throws {
        let options = NatsOptions.test(try await Brokers.shared.broker("plain").url)
        let service = try await NatsService.start(options)
        let peer = try PythonPeer("caller", options.servers[0], options.prefix)
        let results = try Payload(json: try await peer.lines(1)[0]).decode(Results.self)
        #expect(results.bare.payload == ["check": 1])
        #expect(results.empty.ok && results.empty.payload == nil)
        #expect(results.envelope.payload == [1, 2])
        #expect(results.spaced.payload == 9_007_199_254_740_993)
        #expect(results.headers.payload?["tenant"] == "acme")
        #expect(results.malformed.error?.code == "invalid_message")
        #expect(results.many == Array(0..<200))
        #expect(results.unknown == "no responders")
        try await service.probe.log.eventually("both events") { $0 == ["a bare", "a envelope"] }
        #expect(try await peer.end() == 0)
        await service.stop()
    }

    private struct Seen: Decodable, Sendable {
        struct Request: Decodable, Sendable {
            var kind: String
            var pattern: String
            var payload: [String: Int]
        }

        var request: Request
        var headers: [String: String]
        var subject: String
    }

    @Test func asAService() async throws {
        let options = NatsOptions.test(try await Brokers.shared.broker("plain").url)
        let peer = try PythonPeer("service", options.servers[0], options.prefix)
        #expect(try await peer.lines(1) == ["ready"])
        let client = try ClientProxy.nats(options)
        let seen: Seen = try await client.send("py.echo", ["n": 1], options: CallOptions(headers: ["tenant": "acme"]))
        #expect(seen.request.kind == "send")
        #expect(seen.request.pattern == "py.echo")
        #expect(seen.request.payload == ["n": 1])
        #expect(seen.headers["tenant"] == "acme")
        #expect(seen.subject == "\(options.prefix).py.echo")
        var bare = options
        bare.sendsBarePayload = true
        let plain = try ClientProxy.nats(bare)
        do throws(TransportError) {
            try await plain.send("py.fail", 1)
            Issue.record("it did not fail")
        } catch {
            #expect(error.message == "not found")
            #expect(try error.details?.decode([String: Int].self) == ["code": 404])
        }
        do throws(TransportError) {
            try await client.send("py.nonsense", 1)
            Issue.record("it did not fail")
        } catch {
            #expect(error.code == .invalidMessage)
        }
        do throws(TransportError) {
            try await client.send("py.silence", 1, options: .timeout(.milliseconds(200)))
            Issue.record("it did not fail")
        } catch {
            #expect(error.code == .timeout)
        }
        #expect(try await peer.end() == 0)
        do throws(TransportError) {
            try await client.send("py.echo", ["n": 1])
            Issue.record("it did not fail")
        } catch {
            #expect(error.code == .noResponders)
        }
        await client.close()
        await plain.close()
    }

    private struct Put: Decodable, Sendable {
        var sequence: Int
        var duplicate: Bool
    }

    private struct Told: Decodable, Sendable {
        struct Body: Decodable, Sendable {
            var kind: String
            var pattern: String
            var payload: [String: Int]
        }

        var body: Body
        var headers: [String: String]
    }

    /// What Python publishes is handled once, or kept as a dead letter with its reason; what we emit, Python reads from the
    /// stream and acknowledges.
    @Test func overJetStream() async throws {
        var options = NatsOptions.test(try await Brokers.shared.broker("jetstream", jetStream: true).url)
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["kept.>"])
        let service = try await NatsService.start(options, controllers: [NotedController.self])
        let client = try ClientProxy.nats(options)
        let peer = try PythonPeer("streams", options.servers[0], options.prefix, options.prefix)
        let puts = try Payload(json: try await peer.lines(1)[0]).decode([Put].self)
        #expect(puts.map(\.duplicate) == [false, false, false, true, false, false])
        try await service.probe.log.eventually("three events") {
            $0.sorted() == ["bare, acme", "envelope, in the body", "once, nobody, once"]
        }
        let letters = try NatsDeadLetters(options, group: "test")
        try await within(.seconds(10), "two dead letters") {
            while try await letters.list().letters.count < 2 { try Task.checkCancellation() }
        }
        let found = try await letters.list().letters
        #expect(found.map { $0.headers["nest-dead-reason"] } == ["invalid_message", "invalid_message"])
        #expect(found.map { $0.payload?.description } == [nil, #"{"not": "text"}"#])

        try await client.emit("kept.told", ["n": 1], options: CallOptions(headers: ["tenant": "acme"], key: "k"))
        let told = try Payload(json: try await peer.lines(2)[1]).decode(Told.self)
        #expect(told.body.kind == "emit" && told.body.pattern == "kept.told" && told.body.payload == ["n": 1])
        #expect(told.headers["tenant"] == "acme")
        #expect(told.headers["Nats-Msg-Id"]?.isEmpty == false)
        #expect(try await peer.end() == 0)
        #expect(peer.output.value.last == #"{"waiting": 0, "unacknowledged": 0}"#)
        await client.close()
        await service.stop()
    }
}

/// Notes what comes, and what its headers say.
private struct NotedController: Controller {
    let probe: ServiceProbe

    static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

    static func make(from resolver: Resolver) async throws -> NotedController {
        NotedController(probe: try await resolver.resolve())
    }

    static var handlers: [Handler<NotedController>] {
        [
            .event("kept.noted") { (noted, text: String, context) in
                let id = context.headers["nest-message-id"].map { ", \($0)" } ?? ""
                noted.probe.log.append("\(text), \(context.headers["tenant"] ?? "nobody")\(id)")
            }
        ]
    }
}
