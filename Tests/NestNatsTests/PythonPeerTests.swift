import NestNats
import NestTesting
import Testing

@Suite(
    .serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"),
    .enabled(if: PythonPeer.isInstalled, "nats-py is not installed"))
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
        let lines = try await peer.output.eventually(within: .seconds(20), "the results") { !$0.isEmpty }
        let results = try Payload(json: lines[0]).decode(Results.self)
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
        try await peer.output.eventually(within: .seconds(20), "the service") { $0 == ["ready"] }
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
        #expect(try await peer.end() == 0)
        await client.close()
        await plain.close()
    }
}
