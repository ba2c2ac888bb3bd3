import NestRedis
import NestTesting
import Testing

/// Clients and services on redis-py, which know nothing of us but the wire.
@Suite(
    .serialized, .enabled(if: RedisBroker.isExpected, "redis-server is not installed"),
    .enabled(if: PythonPeer.isExpected("redis"), "redis-py is not installed"))
struct RedisPeerTests {
    private struct Answer<Content: Decodable & Sendable>: Decodable, Sendable {
        struct Failure: Decodable, Sendable {
            var message: String
            var code: String?
        }

        var ok: Bool
        var payload: Content?
        var error: Failure?
    }

    private struct Results: Decodable {
        var echo: Answer<[String: Int]>
        var digits: Answer<Int>
        var headers: Answer<[String: String]>
        var failure: Answer<Bool>
        var unknown: Answer<Bool>
        var many: [Int]
    }

    private func options(_ mode: RedisMode) async throws -> RedisOptions {
        var options = RedisOptions.test(try await Brokers.shared.plain().url, mode)
        if mode == .streams { options.queue = "test" }
        return options
    }

    @Test func callsOverAStream() async throws {
        let options = try await options(.streams)
        let service = try await RedisService.start(options)
        let peer = try PythonPeer("streams_caller", options.servers[0], options.prefix, "test")
        let results = try Payload(json: try await peer.lines(1)[0]).decode(Results.self)
        #expect(results.echo.payload == ["check": 1])
        #expect(results.digits.payload == 9_007_199_254_740_993)
        #expect(results.headers.payload?["tenant"] == "acme")
        #expect(results.failure.error?.message == "not found")
        #expect(results.unknown.error?.code == "no_handler")
        #expect(results.many == Array(0..<200))
        try await service.probe.log.eventually("both events") { $0 == ["a plain", "a with a header"] }
        #expect(try await peer.end() == 0)
        await service.stop()
    }

    private struct Request: Decodable, Sendable {
        var kind: String
        var pattern: String
        var payload: [String: Int]
    }

    private struct Seen: Decodable, Sendable {
        var request: Request
        var fields: [String: String]
    }

    @Test(arguments: [RedisReplies.channel, .list()])
    func answersFromAStream(_ replies: RedisReplies) async throws {
        var options = try await options(.streams)
        options.replies = replies
        options.queue = "python"
        let peer = try PythonPeer("streams_service", options.servers[0], options.prefix, "python")
        #expect(try await peer.lines(1) == ["ready"])
        let client = try ClientProxy.redis(options)
        let seen: Seen = try await client.send("py.echo", ["n": 1], options: CallOptions(headers: ["tenant": "acme"]))
        #expect(seen.request.kind == "send")
        #expect(seen.request.pattern == "py.echo")
        #expect(seen.request.payload == ["n": 1])
        #expect(seen.fields["tenant"] == "acme")
        try await failsWithDetails("py.other", client)
        #expect(try await peer.end() == 0)
        await client.close()
    }

    private func failsWithDetails(_ pattern: Pattern, _ client: ClientProxy) async throws {
        do throws(TransportError) {
            try await client.send(pattern, 1)
            Issue.record("it did not fail")
        } catch {
            #expect(error.message == "not found")
            #expect(try error.details?.decode([String: Int].self) == ["code": 404])
        }
    }

    private struct OldResults: Decodable {
        var echo: Answer<[String: Int]>
        var later: Answer<[Int?]>
        var failure: Answer<Bool>
        var unknown: String
    }

    @Test func callsAsRevision1() async throws {
        let options = try await options(.pubSub)
        let service = try await RedisService.start(options)
        // One after the other: at the same time they would read each other's answers.
        for _ in 0..<2 {
            let peer = try PythonPeer("revision1_caller", options.servers[0], options.prefix)
            let results = try Payload(json: try await peer.lines(1)[0]).decode(OldResults.self)
            #expect(results.echo.payload == ["check": 1])
            #expect(results.later.payload == [1, nil])
            #expect(results.failure.error?.message == "not found")
            #expect(results.unknown == "nobody")
            #expect(try await peer.end() == 0)
        }
        try await service.probe.log.eventually("both events") { $0 == ["a revision 1", "a revision 1"] }
        await service.stop()
    }

    @Test func answersAsRevision1() async throws {
        let options = try await options(.pubSub)
        let peer = try PythonPeer("revision1_service", options.servers[0], options.prefix)
        #expect(try await peer.lines(1) == ["ready"])
        let clients = try (0..<2).map { _ in try ClientProxy.redis(options) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, client) in clients.enumerated() {
                for number in 0..<50 {
                    group.addTask {
                        let request: Request = try await client.send("py.echo", ["n": 1_000 * place + number])
                        #expect(request.payload == ["n": 1_000 * place + number])
                    }
                }
            }
            try await group.waitForAll()
        }
        try await failsWithDetails("py.fail", clients[0])
        do throws(TransportError) {
            try await clients[0].send("py.nonsense", 1)
            Issue.record("it did not fail")
        } catch {
            #expect(error.code == .invalidMessage)
        }
        try await clients[0].emit("py.noted", "x")
        let reply: Request = try await clients[1].send("py.echo", ["n": 1])
        #expect(reply.pattern == "py.echo")
        #expect(try await peer.end() == 0)
        #expect(try await peer.lines(2).last == #"["x"]"#)
        for client in clients { await client.close() }
    }
}
