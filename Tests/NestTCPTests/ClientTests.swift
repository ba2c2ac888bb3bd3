import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import NestTCP

@Suite("TCP client") struct ClientTests {
    /// A client of a scripted server, with one connection.
    private func withClient(
        timeout: Duration = .seconds(10), _ change: (inout TCPOptions) -> Void = { _ in },
        _ body: (ClientProxy, ScriptedServer) async throws -> Void
    ) async throws {
        let server = try await ScriptedServer()
        var options = TCPOptions(port: server.port)
        options.connections = 1
        change(&options)
        var config = ClientConfig("test", transport: .tcp(options))
        config.timeout = timeout
        let client = try ClientProxy(config)
        do {
            try await body(client, server)
            await client.close()
            try await server.close()
        } catch {
            await client.close()
            throw error
        }
    }

    private func id(_ request: String) -> String {
        String(request.dropFirst(#"{"id":""#.count).prefix { $0 != "\"" })
    }

    @Test("writes what revision 1 reads, and finds each reply by its id in any order")
    func order() async throws {
        try await withClient { client, server in
            async let first: Int = client.send("a", 1)
            let peer = try await server.accept()
            let one = try await peer.line()
            #expect(
                one.hasPrefix(
                    #"{"id":"\#(id(one))","kind":"send","pattern":"a","payload":1,"headers":{"nest-timeout-ms":""#))
            async let second: Int = client.send("b", 2)
            let two = try await peer.line()
            try await peer.write(#"{"ok":true,"id":"\#(id(two))","payload":20}"# + "\n")
            #expect(try await second == 20)
            try await peer.write(#"{"id":"\#(id(one))","ok":true,"payload":10}"# + "\n")
            #expect(try await first == 10)
        }
    }

    @Test("a request is one line, whatever its payload's is")
    func lineBreaks() async throws {
        try await withClient { client, server in
            let payload = try Payload(json: "{\n\"id\":\r\n\"5\"}")
            async let reply: Int = client.send("a", payload)
            let peer = try await server.accept()
            let one = try await peer.line()
            #expect(one.contains(#""payload":{ "id":  "5"},"headers""#))
            try await peer.write(#"{"id":"\#(id(one))","ok":true,"payload":1}"# + "\n")
            #expect(try await reply == 1)
        }
    }

    @Test("a stream ends at the deadline of the whole, however patient each wait is")
    func streamDeadline() async throws {
        try await TestService.run { service in
            let transport = TCPTransport(TCPOptions(port: service.port))
            let environment = TransportEnvironment(
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
            let client = try transport.makeClient(environment: environment)
            let message = OutgoingMessage(
                pattern: "endless", payload: .null, deadline: .now() + .seconds(30),
                streamDeadline: .now() + .milliseconds(300))
            let start = ContinuousClock.now
            let error = await #expect(throws: TransportError.self) {
                for try await _ in try await client.stream(message) {}
            }
            #expect(error?.code == .timeout)
            #expect(ContinuousClock.now - start < .seconds(10))
            await client.close()
        }
    }

    @Test("the id of a malformed reply counts only when it is a string")
    func unquotedID() async throws {
        try await withClient { client, server in
            let call = Task { () async throws -> Int in try await client.send("a", 1) }
            let peer = try await server.accept()
            let one = id(try await peer.line())
            try await peer.write(#"{"id":1\#(one)1,"payload":1}"# + "\n")
            let error = await #expect(throws: TransportError.self) { _ = try await call.value }
            #expect(error?.code == .disconnected)
        }
    }

    @Test(
        "what a server says to nobody before it closes is what calls fail with", arguments: ["overloaded", "too_large"])
    func lastWords(code: String) async throws {
        try await withClient { client, server in
            let call = Task { () async throws -> Int in try await client.send("a", 1) }
            let peer = try await server.accept()
            _ = try await peer.line()
            try await peer.write(#"{"id":"0","ok":false,"error":{"message":"m","code":"\#(code)"}}"# + "\n")
            try await peer.close()
            let error = await #expect(throws: TransportError.self) { _ = try await call.value }
            #expect(error?.code.rawValue == code)
        }
    }

    @Test("lets the kernel find out that the server's machine is gone")
    func peerWatch() async throws {
        let server = try await ScriptedServer()
        var options = TCPOptions(port: server.port)
        options.writeTimeout = .seconds(7)
        let connector = ClientConnector(
            options: options, tls: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let channel = try await connector.open(MultiThreadedEventLoopGroup.singleton.next()).get()
        let settings = PeerWatch.settings(writeTimeout: options.writeTimeout)
        #expect(settings.count >= 4)
        for setting in settings { #expect(try await channel.getOption(setting.option).get() == setting.value) }
        #if os(Linux)
            #expect(settings.last?.value == 17_000)
        #endif
        try await channel.close()
        try await server.close()
    }

    @Test("a call does not begin an attempt earlier than a short wait after the last one failed")
    func attemptsAreSpread() async throws {
        var options = TCPOptions(address: .unixSocket(Folder.temporary("nobody.sock")))
        options.reconnectDelay = .seconds(1)
        options.maxReconnectDelay = .seconds(60)
        options.connections = 1
        let client = try ClientProxy(.tcp(options))
        let start = ContinuousClock.now
        for _ in 0..<3 {
            let error = await #expect(throws: TransportError.self) { let _: Int = try await client.send("a", 1) }
            #expect(error?.code == .disconnected)
        }
        let taken = ContinuousClock.now - start
        #expect(taken >= .seconds(1) && taken < .seconds(10))
        await client.close()
    }

    @Test("takes the longest delays, and refuses those that cannot work")
    func options() async throws {
        var patient = TCPOptions(port: 1)
        patient.reconnectDelay = .seconds(Int64.max)
        patient.maxReconnectDelay = .seconds(Int64.max)
        let client = try ClientProxy(.tcp(patient))
        await #expect(throws: TransportError.self) { let _: Int = try await client.send("a", 1) }
        await client.close()
        let changes: [@Sendable (inout TCPOptions) -> Void] = [
            { $0.reconnectDelay = .zero }, { $0.maxReconnectDelay = .milliseconds(1) }, { $0.idleTimeout = .zero },
            { $0.maxBufferedBytes = 0 }, { $0.backlog = 0 }, { $0.maxInFlightBytesPerConnection = 0 },
        ]
        for change in changes {
            var options = TCPOptions(port: 1)
            change(&options)
            let error = #expect(throws: TransportError.self) { _ = try ClientProxy(.tcp(options)) }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test("takes a reply before its newline, whole or in pieces")
    func earlyReply() async throws {
        try await withClient { client, server in
            async let first: [String] = client.send("a", 1)
            let peer = try await server.accept()
            let one = id(try await peer.line())
            try await peer.write(#"{"id":"\#(one)","ok":true,"#)
            try await peer.write(#""payload":["}"]"#)
            try await peer.write("}")
            #expect(try await first == ["}"])
            async let second: Int = client.send("b", 1)
            let two = id(try await peer.line())
            try await peer.write("\n" + #"{"id":"\#(two)","ok":true,"payload":2}"#)
            #expect(try await second == 2)
        }
    }

    @Test("leaves late, doubled and unknown replies alone")
    func strayReplies() async throws {
        try await withClient { client, server in
            try await client.connect()
            let late = await #expect(throws: TransportError.self) {
                let _: Int = try await client.send("a", 1, options: .timeout(.milliseconds(50)))
            }
            #expect(late?.code == .timeout)
            let peer = try await server.accept()
            let one = id(try await peer.line())
            async let reply: Int = client.send("b", 1)
            let two = id(try await peer.line())
            try await peer.write(#"{"id":"\#(one)","ok":true,"payload":1}"# + "\n")
            try await peer.write(#"{"id":"999999","ok":true,"payload":1}"# + "\n")
            try await peer.write(#"{"id":"x","ok":true,"payload":1}"# + "\n")
            for _ in 0..<2 { try await peer.write(#"{"id":"\#(two)","ok":true,"payload":2}"# + "\n") }
            #expect(try await reply == 2)
            async let last: Int = client.send("c", 1)
            let three = id(try await peer.line())
            try await peer.write(#"{"id":"\#(three)","ok":true,"payload":3}"# + "\n")
            #expect(try await last == 3)
        }
    }

    @Test("fails only the call whose reply is malformed, and breaks off when it cannot tell whose it is")
    func malformedReplies() async throws {
        try await withClient { client, server in
            let first = Task { () async throws -> Int in try await client.send("a", 1) }
            let peer = try await server.accept()
            let one = id(try await peer.line())
            async let second: Int = client.send("b", 1)
            let two = id(try await peer.line())
            try await peer.write(#"{"id":"\#(one)","payload":1}"# + "\n")
            let malformed = await #expect(throws: TransportError.self) { _ = try await first.value }
            #expect(malformed?.code == .invalidMessage)
            try await peer.write(#"{"id":"\#(two)","ok":true,"payload":2}"# + "\n")
            #expect(try await second == 2)
            let third = Task { () async throws -> Int in try await client.send("c", 1) }
            _ = try await peer.line()
            try await peer.write("garbage\n")
            let broken = await #expect(throws: TransportError.self) { _ = try await third.value }
            #expect(broken?.code == .disconnected)
            _ = try? await peer.rest()
        }
    }

    @Test(
        "fails calls at once when the connection is cut, and works again without a new client",
        arguments: [true, false])
    func cut(midReply: Bool) async throws {
        try await withClient { client, server in
            let clock = ContinuousClock()
            var best = Duration.seconds(60)
            // The machine may be busy with other tests: what counts is that nothing in us waits.
            for _ in 0..<5 where best >= .milliseconds(100) {
                let call = Task { () async throws -> Int in try await client.send("a", 1) }
                let peer = try await server.accept()
                let one = id(try await peer.line())
                if midReply { try await peer.write(#"{"id":"\#(one)","ok":tr"#) }
                let start = clock.now
                try await peer.reset()
                let error = await #expect(throws: TransportError.self) { _ = try await call.value }
                #expect(error?.code == .disconnected)
                best = min(best, clock.now - start)
            }
            #expect(best < .milliseconds(100))
            async let next: Int = client.send("b", 1)
            let again = try await server.accept()
            let two = id(try await again.line())
            try await again.write(#"{"id":"\#(two)","ok":true,"payload":2}"# + "\n")
            #expect(try await next == 2)
        }
    }

    @Test("fails quickly while nobody listens, and works as soon as somebody does")
    func serverComesBack() async throws {
        let server = try await ScriptedServer()
        var options = TCPOptions(port: server.port)
        options.connections = 1
        options.reconnectDelay = .milliseconds(100)
        options.maxReconnectDelay = .seconds(60)
        let client = try ClientProxy(.tcp(options))
        try await client.connect()
        let peer = try await server.accept()
        try await server.close()
        try await peer.reset()
        let refused = await #expect(throws: TransportError.self) { let _: Int = try await client.send("a", 1) }
        #expect(refused?.code == .disconnected)
        #expect(await client.health().state == .down)
        let back = try await ScriptedServer(port: server.port)
        async let call: Int = client.send("b", 1)
        let new = try await back.accept()
        let one = id(try await new.line())
        try await new.write(#"{"id":"\#(one)","ok":true,"payload":1}"# + "\n")
        #expect(try await call == 1)
        #expect(await client.health().state == .up)
        await client.close()
        try await back.close()
    }

    @Test("comes back by itself after a cut")
    func reconnects() async throws {
        try await withClient { client, server in
            try await client.connect()
            for _ in 0..<3 { try await server.accept().reset() }
            _ = try await server.accept()
        }
    }

    @Test("emit returns when the event is written, and at its deadline when the server takes nothing")
    func emit() async throws {
        try await withClient { client, server in
            try await client.emit("a", 1)
            let peer = try await server.accept()
            #expect(try await peer.line().contains(#""kind":"emit","pattern":"a","payload":1}"#))
            try await peer.stopReading()
            let big = String(repeating: "x", count: 1 << 20)
            let stuck = await #expect(throws: TransportError.self) {
                for _ in 0..<64 { try await client.emit("b", big, options: .timeout(.milliseconds(300))) }
            }
            #expect(stuck?.code == .timeout)
        }
    }

    @Test("refuses what is over its bounds before anything is written")
    func bounds() async throws {
        try await withClient({ options in
            options.maxFrameBytes = 1_024
            options.maxPending = 2
        }) { client, server in
            let large = await #expect(throws: TransportError.self) {
                let _: Int = try await client.send("a", String(repeating: "x", count: 1_025))
            }
            #expect(large?.code == .tooLarge)
            let nearly = await #expect(throws: TransportError.self) {
                let _: Int = try await client.send("a", String(repeating: "x", count: 1_000))
            }
            #expect(nearly?.code == .tooLarge)
            try await client.connect()
            let peer = try await server.accept()
            async let one: Int = client.send("a", 1)
            let first = id(try await peer.line())
            async let two: Int = client.send("b", 1)
            let second = id(try await peer.line())
            let many = await #expect(throws: TransportError.self) { let _: Int = try await client.send("c", 1) }
            #expect(many?.code == .overloaded)
            for id in [first, second] { try await peer.write(#"{"id":"\#(id)","ok":true,"payload":2}"# + "\n") }
            #expect(try await one + two == 4)
        }
    }

    @Test("buffers no more than it may for a server that takes nothing")
    func bufferBound() async throws {
        try await withClient({ $0.maxBufferedBytes = 1 << 20 }) { client, server in
            try await client.connect()
            let peer = try await server.accept()
            try await peer.stopReading()
            let big = String(repeating: "x", count: 256 << 10)
            let codes = await withTaskGroup(of: TransportError.Code?.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        do throws(TransportError) {
                            try await client.emit("b", big, options: .timeout(.milliseconds(500)))
                            return nil
                        } catch { return error.code }
                    }
                }
                return await group.reduce(into: [TransportError.Code?]()) { $0.append($1) }
            }
            #expect(codes.contains(.overloaded))
        }
    }

    @Test("close fails what is pending, and later calls")
    func close() async throws {
        try await withClient { client, server in
            let call = Task { () async throws -> Int in try await client.send("a", 1) }
            let peer = try await server.accept()
            _ = try await peer.line()
            await client.close()
            let pending = await #expect(throws: TransportError.self) { _ = try await call.value }
            #expect(pending?.code == .closed)
            let later = await #expect(throws: TransportError.self) { try await client.emit("a", 1) }
            #expect(later?.code == .closed)
            _ = try await peer.rest()
        }
    }

    @Test("a client that is let go closes its connections")
    func deinitCloses() async throws {
        let server = try await ScriptedServer()
        do {
            let client = try ClientProxy(.tcp(port: server.port))
            try await client.connect()
        }
        _ = try await server.accept().rest()
        try await server.close()
    }

    @Test("10,000 calls with random cancellation and timeouts leave nothing pending")
    func nothingPending() async throws {
        // Loops of its own: those of the other tests shall not wait for it.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        try await TestService.run(group: group) { service in
            let transport = TCPTransport(TCPOptions(port: service.port))
            let environment = TransportEnvironment(
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                eventLoopGroup: group)
            guard let client = try transport.makeClient(environment: environment) as? TCPClient else { return }
            let outcomes = Outcomes()
            await withDiscardingTaskGroup { group in
                for number in 0..<10_000 {
                    let call = Task {
                        let wait = Duration.microseconds(Int64.random(in: 200...200_000))
                        let message = OutgoingMessage(
                            pattern: number % 3 == 0 ? "gate" : "yield", payload: .null,
                            deadline: .now() + TimeAmount(number % 2 == 0 ? wait : .seconds(5)))
                        do throws(TransportError) {
                            _ = try await client.send(message)
                            outcomes.count(nil)
                        } catch { outcomes.count(error.code) }
                    }
                    if number % 3 == 0, number % 2 == 1 { group.addTask { call.cancel() } }
                    group.addTask { await call.value }
                }
            }
            #expect(client.pendingCount == 0)
            let counts = outcomes.counts
            #expect(counts.values.reduce(0, +) == 10_000)
            #expect(Set(counts.keys).isSubset(of: [nil, .timeout, .cancelled]))
            #expect(counts[.cancelled, default: 0] > 0 && counts[nil, default: 0] > 0)
            await client.close()
        }
        try await group.shutdownGracefully()
    }
}

/// How calls ended.
private final class Outcomes: Sendable {
    private let state = Mutex<[TransportError.Code?: Int]>([:])

    var counts: [TransportError.Code?: Int] { state.withLock { $0 } }

    func count(_ code: TransportError.Code?) { state.withLock { $0[code, default: 0] += 1 } }
}
