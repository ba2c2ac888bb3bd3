import NIOCore
import NIOPosix
import NestTesting
import Testing

@testable import NestGRPC

/// What is given up, killed, drained or closed.
@Suite(.serialized) struct LifetimeTests {
    @Test func aCallThatIsGivenUpCancelsItsHandler() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                let error = await failure { () throws(TransportError) in
                    try await client.send("hold", "late", options: .timeout(.milliseconds(100)))
                }
                #expect(error?.code == .timeout)
                let call = Task { try await client.send("hold", "unwanted") }
                try await service.probe.log.eventually("the second call") { $0.contains("began unwanted") }
                call.cancel()
                try await service.probe.log.eventually("both handlers are cancelled") { log in
                    log.contains("cancelled late") && log.contains("cancelled unwanted")
                }
                #expect(await client.health().details["pending"] == "0")
            }
        }
    }

    /// What HTTP and gRPC say to each other in header fields is nothing to handlers.
    @Test func handlersSeeMetadataAlone() async throws {
        try await TestService.run { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            let request = RawHTTP2.request(1, "headers", "null")
            let fields = [
                ("content-length", "\(request.payload.count)"), ("accept-encoding", "identity"), ("user-agent", "me"),
                ("grpc-accept-encoding", "identity"), ("grpc-anything", "x"), ("tenant", "acme"),
            ]
            try await peer.write(RawHTTP2.call(1, fields), request)
            let seen = try await peer.eventually("the answer") { $0.hasEnded(1) }
            let body = seen.frames.first { $0.type == 0 }.map { String(decoding: $0.payload, as: UTF8.self) }
            #expect(body?.hasSuffix(#"{"tenant":"acme"}"#) == true)
            try await peer.close()
        }
    }

    /// A deadline that nobody enforces on the other side: the server does.
    @Test func aDeadlineCancelsAHandlerWhoseCallerSaysNothing() async throws {
        try await TestService.run { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(
                RawHTTP2.call(1, [("grpc-timeout", "100m")]), RawHTTP2.request(1, "hold", "\"a\""))
            try await peer.eventually("the status") { $0.hasEnded(1) }
            try await service.probe.log.eventually("the handler is cancelled") { $0 == ["began a", "cancelled a"] }
            try await peer.close()
        }
    }

    @Test func aLostConnectionCancelsItsHandlers() async throws {
        try await TestService.run { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            try await peer.write(
                RawHTTP2.call(1), RawHTTP2.request(1, "hold", "\"a\""), RawHTTP2.call(3),
                RawHTTP2.request(3, "hold", "\"b\""))
            try await service.probe.gate.eventuallyHolds(2)
            try await peer.close()
            try await service.probe.log.eventually("both are cancelled") { log in
                log.contains("cancelled a") && log.contains("cancelled b")
            }
        }
    }

    /// A peer that goes on calling while the server shuts down hears of it, and its call is made elsewhere.
    @Test func aServerThatShutsDownSaysSoAndAnswersWhatItHas() async throws {
        let service = try await TestService.start()
        let peer = try await RawHTTP2.connect(to: service.port)
        try await peer.write(RawHTTP2.call(1), RawHTTP2.request(1, "hold", "\"a\""))
        try await service.probe.gate.eventuallyHolds(1)
        let stop = Task { await service.app.close() }
        // First that an end is near; this peer does not answer the ping that comes with it.
        try await peer.eventually("two words about the end") { seen in seen.frames.count { $0.type == 7 } == 2 }
        let last = peer.seen.value.frames.filter { $0.type == 7 }.map { $0.number() }
        #expect(last == [0x7fff_ffff, 1])
        try await peer.write(RawHTTP2.call(3), RawHTTP2.request(3, "echo", "1"))
        service.probe.gate.open()
        let seen = try await peer.eventually("the end") { $0.isClosed }
        #expect(seen.hasEnded(1))
        #expect(!seen.hasEnded(3))
        await stop.value
    }

    /// Calls that the old instance has not begun are made again with the new one, without an error.
    @Test func callsMoveToTheInstanceThatTakesOver() async throws {
        let first = try await TestService.start()
        let port = first.port
        try await first.withClient { client in
            let held = Task { () async throws -> String in try await client.send("hold", "a") }
            try await first.probe.gate.eventuallyHolds(1)
            let stop = Task { await first.app.close() }
            let second = try await Self.start(at: port)
            // Once the first has said that it goes, calls come to the second.
            let echo: Int = try await Self.eventually { () async throws(TransportError) -> Int in
                try await client.send("echo", 1)
            }
            #expect(echo == 1)
            first.probe.gate.open()
            #expect(try await held.value == "a")
            await stop.value
            await second.stop()
        }
    }

    /// The port is free as soon as the first instance has closed its listening socket.
    private static func start(at port: Int) async throws -> TestService {
        try await eventually { () async throws in try await TestService.start(GRPCOptions(port: port)) }
    }

    private static func eventually<Value>(_ body: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await body()
            } catch {
                guard ContinuousClock.now < end else { throw error }
                await Task.yield()
            }
        }
    }

    @Test func aClosedClientLeavesNothing() async throws {
        try await TestService.run { service in
            weak var connection: AnyObject?
            do {
                let options = GRPCOptions(port: service.port)
                let pool = ConnectionPool(options: options, tls: nil, environment: .test)
                let made = try await pool.connection(until: .now() + .seconds(5))
                connection = made
                await pool.close(TransportError(.closed, "closed"))
                _ = try await made.whenGone.get()
            }
            try await service.probe.log.eventually("nothing") { _ in true }
            #expect(connection == nil)
        }
    }

    /// Items come as fast as their reader takes them, whatever their size.
    @Test(arguments: [10, 16_000, 100_000, 400_000])
    func aSlowReaderHoldsUpItsStreamAlone(_ size: Int) async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                var items = try await client.stream("texts", size, of: String.self).makeAsyncIterator()
                var taken = 0
                for step in [5] + [Int](repeating: 32, count: size > 1_000 ? 1 : 20) {
                    for _ in 0..<step { #expect(try await items.next()?.utf8.count == size) }
                    taken += step
                    // Time for the maker to run ahead, and for others to be served.
                    for number in 0..<20 {
                        let echo: Int = try await client.send("echo", number)
                        #expect(echo == number)
                    }
                    // What was taken, what waits for the reader, and what is on the way.
                    let made = service.probe.log.value.count
                    #expect(made <= taken + 64 * 2 + 2, "\(taken) taken")
                }
            }
        }
    }

    @Test func tooLargeARequestNeverLeaves() async throws {
        try await TestService.run { service in
            try await service.withClient { client in
                let text = String(repeating: "x", count: 4 << 20)
                let error = await failure { () throws(TransportError) in try await client.send("echo", text) }
                #expect(error?.code == .tooLarge)
            }
            // A client with other limits: the server refuses it.
            try await service.withClient {
                $0.maxMessageBytes = 8 << 20
                $0.maxInFlightBytesPerConnection = 16 << 20
            } _: { client in
                let text = String(repeating: "x", count: 5 << 20)
                let error = await failure { () throws(TransportError) in try await client.send("echo", text) }
                #expect(error?.code == .tooLarge)
                let large = await failure { () throws(TransportError) in try await client.send("big", 5 << 20) }
                #expect(large?.code == .tooLarge)
                let echo: Int = try await client.send("echo", 1)
                #expect(echo == 1)
            }
        }
    }

    @Test func aPingThatIsNotAnsweredEndsTheConnection() async throws {
        var options = GRPCOptions(port: 0)
        options.keepaliveInterval = .milliseconds(50)
        options.keepaliveTimeout = .milliseconds(50)
        try await TestService.run(options) { service in
            let peer = try await RawHTTP2.connect(to: service.port)
            let seen = try await peer.eventually("the end") { $0.isClosed }
            #expect(seen.frames.contains { $0.type == 6 && $0.flags == 0 })
        }
    }
}

extension TransportEnvironment {
    fileprivate static var test: TransportEnvironment {
        TransportEnvironment(
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }
}
