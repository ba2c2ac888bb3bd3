import NestKafka
import NestTesting
import Testing

@Suite(
    .serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"),
    .enabled(if: PythonPeer.isExpected("confluent_kafka"), "confluent-kafka is not installed"))
struct PythonPeerTests {
    /// What a Python client may ask.
    private struct PeerController: Controller {
        let probe: ServiceProbe

        static var dependencies: [Dependency] { [Dependency(ServiceProbe.self)] }

        static func make(from resolver: Resolver) async throws -> PeerController {
            PeerController(probe: try await resolver.resolve())
        }

        static var handlers: [Handler<PeerController>] {
            [
                .message("peer.echo") { (_, payload: Payload, _) in payload },
                .message("peer.headers") { (_, _: NoPayload, context) in
                    Dictionary(context.headers.map { ($0.name, $0.value) }) { $1 }
                },
                .event("peer.noted") { (service, text: String, context) in
                    let record = context.metadata(as: KafkaDelivery.self)
                    service.probe.log.append("\(text) \(record?.recordKey ?? "-") \(record?.partition ?? -1)")
                },
            ]
        }
    }

    private struct Results: Decodable {
        struct Answer<Payload: Decodable>: Decodable {
            struct Failure: Decodable {
                var message: String
                var code: String
            }

            var ok: Bool
            var payload: Payload?
            var error: Failure?
            var partition: Int
        }

        var plain: Answer<[Int]>
        var headers: Answer<[String: String]>
        var unknown: Answer<Int>
        var placed: Answer<Int>
        var many: [Int]
        var partitions: [String: Int]
    }

    /// With what Java's `Utils.murmur2` makes of each.
    private static let hashes: [String: Int32] = [
        "21": -973_932_308, "foobar": -790_332_482, "a-little-bit-long-string": -985_981_536,
        "a-little-bit-longer-string": -1_486_304_829, "abc": 479_470_107,
    ]

    @Test func asAClient() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let service = try await KafkaService.start(options, controllers: [PeerController.self])
        let keys = Self.hashes.keys.sorted()
        let peer = try PythonPeer("caller", [options.brokers[0], options.prefix] + keys)
        let results = try Payload(json: try await peer.lines(1)[0]).decode(Results.self)
        #expect(results.plain.payload == [1, 2])
        #expect(results.headers.payload?["tenant"] == "acme")
        #expect(results.headers.payload?["n"] == "7")
        #expect(results.unknown.error?.code == "no_handler")
        #expect(results.placed.payload == 3 && results.placed.partition == 2)
        #expect(results.many == Array(0..<200))
        let heard = try await service.probe.log.eventually("the events") { $0.count >= keys.count + 1 }
        #expect(heard.contains { $0.hasPrefix("bare bare ") })
        #expect(try await peer.end() == 0)
        try await keysLandWhereOthersPutThem(results.partitions, options, service)
        await service.stop()
    }

    /// Python's partitions, Java's, and those of our own client.
    private func keysLandWhereOthersPutThem(
        _ found: [String: Int], _ options: KafkaOptions, _ service: KafkaService
    ) async throws {
        let java = Self.hashes.mapValues { Int($0 & .max) % options.topics.partitions }
        #expect(Set(java.values).count > 1)
        #expect(found == java)
        let client = try ClientProxy.kafka(options)
        for key in java.keys { try await client.emit("peer.noted", "from swift", options: CallOptions(key: key)) }
        let heard = try await service.probe.log.eventually("the events") { log in
            log.count { $0.hasPrefix("from swift") } >= java.count
        }
        let ours = heard.filter { $0.hasPrefix("from swift") }
        let theirs = heard.filter { $0.hasPrefix("from python") }
        #expect(ours.sorted() == java.map { "from swift \($0.key) \($0.value)" }.sorted())
        #expect(theirs.sorted() == java.map { "from python \($0.key) \($0.value)" }.sorted())
        await client.close()
    }

    private struct Seen: Decodable, Sendable {
        struct Request: Decodable, Sendable {
            var kind: String
            var pattern: String
            var payload: [String: Int]
            var reply: String
        }

        var request: Request
        var headers: [String: String]
        var key: String?
    }

    private struct SeenEvent: Decodable, Equatable {
        var pattern: String
        var key: String?
        var tenant: String?
        var payload: [String: Int]
    }

    @Test func asAService() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.service = "python"
        let peer = try PythonPeer("service", options.brokers[0], options.prefix)
        #expect(try await peer.lines(1) == ["ready"])
        let client = try ClientProxy.kafka(options)
        let tenant = CallOptions(headers: ["tenant": "acme"], key: "k1")
        let seen: Seen = try await client.send("py.echo", ["n": 1], options: tenant)
        #expect(seen.request.kind == "send" && seen.request.pattern == "py.echo" && seen.request.payload == ["n": 1])
        #expect(seen.request.reply == "\(options.prefix).replies")
        #expect(seen.headers["tenant"] == "acme" && seen.headers["nest-pattern"] == "py.echo")
        #expect(seen.key == "k1")
        let failure = await thrown { () throws(TransportError) in
            _ = try await client.send("py.fail", 1, as: Int.self)
        }
        #expect(failure?.message == "not found")
        #expect(try failure?.details?.decode([String: Int].self) == ["code": 404])
        let nonsense = await thrown { () throws(TransportError) in
            _ = try await client.send("py.nonsense", 1, as: Int.self)
        }
        #expect(nonsense?.code == .invalidMessage)
        try await client.emit("py.noted", ["x": 1], options: tenant)
        let told = try await peer.lines(2)[1].dropFirst("event ".count)
        let event = try Payload(json: String(told)).decode(SeenEvent.self)
        #expect(event == SeenEvent(pattern: "py.noted", key: "k1", tenant: "acme", payload: ["x": 1]))
        await client.close()
        #expect(try await peer.end() == 0)
    }
}
