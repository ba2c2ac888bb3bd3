import NestRabbitMQ
import NestTesting
import Testing

@Suite(
    .serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"),
    .enabled(if: PythonPeer.isExpected("aio_pika"), "aio-pika is not installed"))
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

        var plain: Answer<[Int]>
        var headers: Answer<[String: String]>
        var unknown: Answer<Int>
        var malformed: Answer<Int>
        var many: [Int]
    }

    @Test func asAClient() async throws {
        let options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        let service = try await RabbitService.start(options)
        let peer = try PythonPeer("caller", options.servers[0], options.prefix)
        let lines = try await peer.output.eventually(within: .seconds(20), "the results") { !$0.isEmpty }
        let results = try Payload(json: lines[0]).decode(Results.self)
        #expect(results.plain.payload == [1, 2])
        #expect(results.headers.payload?["tenant"] == "acme")
        #expect(results.headers.payload?["n"] == "7")
        #expect(results.unknown.error?.code == "no_handler")
        #expect(results.malformed.error?.code == "invalid_message")
        #expect(results.many == Array(0..<200))
        try await service.probe.log.eventually("the event") { $0 == ["a from python"] }
        #expect(try await peer.end() == 0)
        await service.stop()
    }

    private struct Seen: Decodable, Sendable {
        struct Request: Decodable, Sendable {
            var kind: String
            var pattern: String
            var payload: [String: Int]
        }

        struct Properties: Decodable, Sendable {
            var content_type: String
            var delivery_mode: Int
            var expires: Bool
        }

        var request: Request
        var headers: [String: String]
        var properties: Properties
    }

    @Test func asAService() async throws {
        var options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        options.service = "python"
        let peer = try PythonPeer("service", options.servers[0], options.prefix)
        try await peer.output.eventually(within: .seconds(20), "the service") { $0 == ["ready"] }
        let client = try ClientProxy.rabbit(options)
        let seen: Seen = try await client.send("py.echo", ["n": 1], options: CallOptions(headers: ["tenant": "acme"]))
        #expect(seen.request.kind == "send" && seen.request.pattern == "py.echo" && seen.request.payload == ["n": 1])
        #expect(seen.headers["tenant"] == "acme")
        #expect(seen.properties.content_type == "application/json")
        #expect(seen.properties.delivery_mode == 2)
        #expect(seen.properties.expires)
        let failure = await thrown { () throws(TransportError) in
            _ = try await client.send("py.fail", 1, as: Int.self)
        }
        #expect(failure?.message == "not found")
        #expect(try failure?.details?.decode([String: Int].self) == ["code": 404])
        let nonsense = await thrown { () throws(TransportError) in
            _ = try await client.send("py.nonsense", 1, as: Int.self)
        }
        #expect(nonsense?.code == .invalidMessage)
        try await client.emit("py.noted", ["x": 1])
        try await peer.output.eventually(within: .seconds(10), "the event") { $0.last == #"event {"x": 1}"# }
        await client.close()
        #expect(try await peer.end() == 0)
    }
}
