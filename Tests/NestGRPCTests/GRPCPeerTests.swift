import NestGRPC
import NestTesting
import Testing

/// Clients and services on grpcio, which know nothing of us but the proto file.
@Suite(.serialized, .enabled(if: PythonPeer.isExpected("grpc_reflection"), "grpcio is not installed"))
struct GRPCPeerTests {
    private struct Answer<Content: Decodable>: Decodable {
        var ok: Bool?
        var payload: Content?
        var message: String?
        var code: String?
        var details: [String: Int]?
        var status: String?
    }

    private struct Results: Decodable {
        struct Reflection: Decodable {
            var services: [String]
            var methods: [String]
            var streams: [Bool]
            var code: Int
            var same: Bool
            var missing: Int
        }

        var echo: Answer<[String: Int]>
        var headers: Answer<[String: String]>
        var digits, timed: Answer<Int>
        var failure, unknown, deadline, oversized, oversized_reply, deflate, bomb: Answer<Bool>
        var large, many: Int
        var compressed: Bool
        var no_json, no_payload, no_protobuf, no_method: String
        var told, told_nobody: Bool
        var stream: Bool
        var broken: [String]
        var health: [String]
        var health_of_others: String
        var watch: [String]
        var reflection: Reflection
    }

    private struct Goodbye: Decodable {
        var watch: [String]
        var end: String?
    }

    @Test func calls() async throws { try await calls(GRPCOptions(port: 0), []) }

    @Test func callsThatAreAnsweredCompressed() async throws {
        var options = GRPCOptions(port: 0)
        options.compression = .gzip
        try await calls(options, [])
    }

    @Test func callsWithMutualTLS() async throws {
        let certificates = try TestCertificates.shared.get()
        try await calls(
            GRPCOptions(port: 0, tls: try Certificates.server(mutual: true)),
            ["ca.pem", "client.pem", "client.key"].map { certificates.path($0) })
    }

    private func calls(_ options: GRPCOptions, _ files: [String]) async throws {
        let service = try await TestService.start(options)
        let log = service.probe.log
        let peer = try PythonPeer(
            "caller", ["127.0.0.1:\(service.port)"] + files)
        _ = try await peer.lines(1)
        try await log.eventually("both calls are held") { $0.contains("began cancelled") }
        peer.write("go on\n")
        let results = try Payload(json: try await peer.lines(2)[1]).decode(Results.self)
        check(results)
        try await log.eventually("cancelled handlers") { log in
            log.contains("cancelled deadline") && log.contains("cancelled cancelled") && log.contains("told")
                && log.contains("terminated")
        }
        await service.stop()
        let goodbye = try Payload(json: try await peer.lines(3)[2]).decode(Goodbye.self)
        #expect(goodbye.watch == ["NOT_SERVING"])
        #expect(goodbye.end == "UNAVAILABLE")
        #expect(try await peer.end() == 0)
    }

    private func check(_ results: Results) {
        #expect(results.echo.payload == ["check": 1])
        #expect(results.digits.payload == 9_007_199_254_740_993)
        #expect(results.failure.message == "not found")
        #expect(results.failure.code == "not_found")
        #expect(results.failure.details == ["code": 404])
        #expect(results.unknown.code == "no_handler")
        #expect(results.headers.payload?["tenant"] == "acme")
        #expect(results.headers.payload?["blob-bin"] == "AP8=" || results.headers.payload?["blob-bin"] == "AP8")
        // gRPC's C core rounds 20 s up to what three digits can say.
        #expect((1...20_200).contains(results.timed.payload ?? 0))
        #expect(results.deadline.status == "DEADLINE_EXCEEDED")
        #expect(results.oversized.status == "RESOURCE_EXHAUSTED")
        #expect(results.oversized_reply.status == "RESOURCE_EXHAUSTED")
        #expect(results.large == 3 << 20)
        #expect(results.compressed)
        #expect(results.deflate.status == "UNIMPLEMENTED")
        #expect(results.bomb.status == "RESOURCE_EXHAUSTED")
        #expect(results.no_json == "INVALID_ARGUMENT")
        #expect(results.no_payload == "INVALID_ARGUMENT")
        #expect(results.no_protobuf == "INVALID_ARGUMENT")
        #expect(results.no_method == "UNIMPLEMENTED")
        #expect(results.many == 1_000)
        #expect(results.told)
        #expect(results.told_nobody)
        #expect(results.stream)
        #expect(results.broken == ["True", "False", "no more numbers"])
        #expect(results.health == ["SERVING", "SERVING"])
        #expect(results.health_of_others == "NOT_FOUND")
        #expect(results.watch == ["SERVING"])
        #expect(
            results.reflection.services == [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection", "nestrs.microservices.Microservice",
            ])
        #expect(results.reflection.methods == ["Send", "Emit", "SendStream"])
        #expect(results.reflection.streams == [false, false, true])
        #expect(results.reflection.code == 6)
        #expect(results.reflection.same)
        #expect(results.reflection.missing == 5)
    }
}

/// Our client, and a service on grpcio.
@Suite(.serialized, .enabled(if: PythonPeer.isExpected("grpc"), "grpcio is not installed"))
struct GRPCForeignServiceTests {
    private struct Line: Decodable {
        var port: Int?
        var pattern: String?
        var tenant: String?
        var blob: [Int]?
        var left: Double?
    }

    private func withService(
        _ compression: GRPCOptions.Compression = .none, _ body: (PythonPeer, ClientProxy) async throws -> Void
    ) async throws {
        let peer = try PythonPeer("service", compression == .gzip ? ["gzip"] : [])
        let first = try Payload(json: try await peer.lines(1)[0]).decode(Line.self)
        var options = GRPCOptions(port: try #require(first.port))
        options.compression = compression
        try await TestService.withClient(of: options) { client in
            try await body(peer, client)
        }
        #expect(try await peer.end() == 0)
    }

    private func lines(_ peer: PythonPeer, _ count: Int) async throws -> [Line] {
        try await peer.lines(count).map { try Payload(json: $0).decode(Line.self) }
    }

    @Test func callsAndEventsArriveWithWhatGoesBesideThem() async throws {
        try await withService { peer, client in
            let options = CallOptions(timeout: .seconds(7), headers: ["tenant": "acme", "blob-bin": "AP8="])
            let echo: [String: Int] = try await client.send("echo", ["a": 1], options: options)
            #expect(echo == ["a": 1])
            try await client.emit("told", "x")
            let seen = try await lines(peer, 3)
            #expect(seen[1].tenant == "acme")
            #expect(seen[1].blob == [0, 255])
            #expect((0...7).contains(seen[1].left ?? -1))
            #expect(seen[2].pattern == "told")
        }
    }

    @Test func statusesAndFailuresAreErrors() async throws {
        try await withService { _, client in
            let expected: [(String, TransportError.Code)] = [
                ("UNAVAILABLE", .disconnected), ("PERMISSION_DENIED", .forbidden), ("UNIMPLEMENTED", .unsupported),
                ("RESOURCE_EXHAUSTED", .overloaded), ("OUT_OF_RANGE", .tooLarge), ("INTERNAL", .internal),
                ("DEADLINE_EXCEEDED", .timeout), ("UNAUTHENTICATED", .unauthenticated), ("NOT_FOUND", .notFound),
            ]
            for (status, code) in expected {
                let error = await failure { () throws(TransportError) in try await client.send("status", status) }
                #expect(error?.code == code)
                #expect(error?.message == "refused: ü")
            }
            let error = await failure { () throws(TransportError) in try await client.send("fail", Payload.null) }
            #expect(error?.message == "not found")
            let details = try error?.details?.decode([String: Int].self)
            #expect(details == ["code": 404])
        }
    }

    @Test func callsThatAreGivenUpAreCancelledThere() async throws {
        try await withService { peer, client in
            let error = await failure { () throws(TransportError) in
                try await client.send("hold", 1, options: .timeout(.milliseconds(300)))
            }
            #expect(error?.code == .timeout)
            let call = Task { try await client.send("hold", 2) }
            _ = try await peer.lines(4)
            call.cancel()
            let seen = try await lines(peer, 5)
            #expect(seen.filter { $0.pattern == "hold was cancelled" }.count == 2)
        }
    }

    @Test(arguments: [GRPCOptions.Compression.none, .gzip])
    func largeMessagesAndStreams(_ compression: GRPCOptions.Compression) async throws {
        try await withService(compression) { _, client in
            let large: String = try await client.send("big", 3 << 20)
            #expect(large.utf8.count == 3 << 20)
            let text = String(repeating: "ü", count: 50_000)
            let echo: String = try await client.send("echo", text)
            #expect(echo == text)
            let error = await failure { () throws(TransportError) in try await client.send("big", 5 << 20) }
            #expect(error?.code == .tooLarge)
            var numbers: [Int] = []
            for try await number in try await client.stream("count", 10_000, of: Int.self) { numbers.append(number) }
            #expect(numbers == Array(0..<10_000))
            numbers = []
            do {
                for try await number in try await client.stream("broken", 3, of: Int.self) { numbers.append(number) }
                Issue.record("the stream ended without its error")
            } catch let error as TransportError {
                #expect(error.code == "worn_out")
            }
            #expect(numbers == [0, 1, 2])
        }
    }

    @Test func manyAtOnce() async throws {
        try await withService { _, client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1_000 {
                    group.addTask {
                        let echo: Int = try await client.send("echo", number, options: .timeout(.seconds(20)))
                        return echo == number
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
