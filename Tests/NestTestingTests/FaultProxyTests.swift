import NIOCore
import NIOPosix
import NestTesting
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A server that sends back what it gets, a proxy before it, and a client that keeps what it sees.
private struct Line {
    let echo: any Channel
    let server: Echo
    let proxy: FaultProxy
    let client: any Channel
    let seen: Seen

    /// What a client sees of its connection.
    final class Seen: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes = Watched("")
        let end = Watched<String?>(nil)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            bytes.update { $0 += text }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            end.update { $0 = $0 ?? ((error as? IOError)?.errnoCode == ECONNRESET ? "reset" : "\(error)") }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { end.update { $0 = $0 ?? "closed" } }
    }

    final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let ends = Watched<[String]>([])

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(data, promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            ends.append((error as? IOError)?.errnoCode == ECONNRESET ? "reset" : "\(error)")
            context.close(promise: nil)
        }
    }

    static let group = MultiThreadedEventLoopGroup.singleton

    static func open(_ body: (Line) async throws -> Void) async throws {
        let server = Echo()
        let echo = try await ServerBootstrap(group: group)
            .childChannelInitializer { $0.pipeline.addHandler(server) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = echo.localAddress?.port ?? 0
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: port)))
        try await proxy.start()
        let (client, seen) = try await connect(proxy)
        try await body(Line(echo: echo, server: server, proxy: proxy, client: client, seen: seen))
        try? await client.close()
        try await proxy.close()
        try? await echo.close()
    }

    static func connect(_ proxy: FaultProxy) async throws -> (any Channel, Seen) {
        let seen = Seen()
        let client = try await ClientBootstrap(group: group).channelInitializer { $0.pipeline.addHandler(seen) }
            .connect(host: "127.0.0.1", port: proxy.port).get()
        return (client, seen)
    }

    func say(_ text: String) { client.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func hear(_ text: String) async throws { try await seen.bytes.eventually("hear \(text)") { $0 == text } }
}

@Suite struct FaultProxyTests {
    @Test func bytesPass() async throws {
        try await Line.open { line in
            line.say("hello")
            try await line.hear("hello")
            let traffic = line.proxy.traffic.value
            #expect(traffic.accepted == 1 && traffic.open == 1)
            #expect(traffic.bytesToServer == 5 && traffic.bytesToClient == 5)
            try await line.client.close()
            try await line.proxy.traffic.eventually("no connection") { $0.open == 0 }
        }
    }

    @Test func largeAmountsPass() async throws {
        try await Line.open { line in
            let piece = String(repeating: "x", count: 100_000)
            for _ in 0..<50 { line.say(piece) }
            try await line.seen.bytes.eventually("5 MB") { $0.utf8.count == 5_000_000 }
        }
    }

    @Test func delayedBytesComeLaterAndInOrder() async throws {
        try await Line.open { line in
            try await line.proxy.set(.delay(.milliseconds(50)))
            let begin = ContinuousClock.now
            for number in 0..<5 { line.say("\(number)") }
            try await line.hear("01234")
            #expect(ContinuousClock.now - begin >= .milliseconds(100))
            line.say("5")
            try await line.proxy.set(.pass)
            line.say("6")
            try await line.hear("0123456")
        }
    }

    @Test func aConnectionIsCutAfterSoManyBytes() async throws {
        try await Line.open { line in
            line.say("before")
            try await line.hear("before")
            try await line.proxy.set(.cutAfter(bytes: 3, .toClient))
            line.say("hello")
            try await line.hear("beforehel")
            try await line.seen.end.eventually("the end") { $0 != nil }
        }
    }

    @Test func aHalfOpenConnectionSwallowsEverything() async throws {
        try await Line.open { line in
            try await line.proxy.set(.halfOpen)
            line.say("hello")
            try await line.proxy.traffic.eventually("five bytes") { $0.swallowed == 5 }
            #expect(line.seen.bytes.value.isEmpty && line.seen.end.value == nil && line.proxy.traffic.value.open == 1)
            try await line.proxy.set(.pass)
            line.say("again")
            try await line.hear("again")
        }
    }

    @Test func resetConnectionsSayReset() async throws {
        try await Line.open { line in
            line.say("hello")
            try await line.hear("hello")
            try await line.proxy.set(.reset)
            #expect(try await line.seen.end.eventually("the end") { $0 != nil } == "reset")
            if let (client, seen) = try? await Line.connect(line.proxy) {
                #expect(try await seen.end.eventually("the end of another") { $0 != nil } == "reset")
                try? await client.close()
            }
            try await line.proxy.set(.pass)
            let (_, seen) = try await Line.connect(line.proxy)
            #expect(seen.end.value == nil)
        }
    }

    @Test func cutResetsWhatIsOpenOnce() async throws {
        try await Line.open { line in
            line.say("hello")
            try await line.hear("hello")
            try await line.proxy.cut()
            #expect(try await line.seen.end.eventually("the end") { $0 != nil } == "reset")
            try await line.server.ends.eventually("the server's end") { $0 == ["reset"] }
            let (client, seen) = try await Line.connect(line.proxy)
            client.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
            try await seen.bytes.eventually("the next connection works") { $0 == "x" }
        }
    }

    @Test func aSlowReaderTakesItsTime() async throws {
        try await Line.open { line in
            try await line.proxy.set(.slowReader(.toClient, bytes: 2, every: .milliseconds(20)))
            let begin = ContinuousClock.now
            line.say("0123456789")
            try await line.hear("0123456789")
            #expect(ContinuousClock.now - begin >= .milliseconds(60))
        }
    }

    /// What the sender can get rid of is bounded by the sockets' buffers; the rest comes when it is read again.
    @Test func aStalledReaderFillsTheSendersBuffers() async throws {
        try await Line.open { line in
            try await line.proxy.set(.stalled(.toServer))
            line.say("first")
            let piece = ByteBuffer(repeating: 0x78, count: 1 << 20)
            let last = line.client.eventLoop.makePromise(of: Void.self)
            for _ in 0..<63 { line.client.write(piece, promise: nil) }
            line.client.writeAndFlush(piece, promise: last)
            #expect(line.client.isWritable == false || line.proxy.traffic.value.bytesToServer < 1 << 20)
            try await line.proxy.set(.pass)
            try await last.futureResult.get()
            try await line.seen.bytes.eventually(within: .seconds(30), "everything") { $0.utf8.count == 5 + 64 << 20 }
        }
    }

    @Test func refusedConnectionsAreRefusedAndOthersGoOn() async throws {
        try await Line.open { line in
            let port = line.proxy.port
            line.say("hello")
            try await line.hear("hello")
            try await line.proxy.set(.refuse)
            await #expect(throws: (any Error).self) { _ = try await Line.connect(line.proxy) }
            line.say(" again")
            try await line.hear("hello again")
            try await line.proxy.set(.pass)
            let (client, _) = try await Line.connect(line.proxy)
            #expect(line.proxy.port == port && client.isActive)
        }
    }

    @Test func redirecting() async throws {
        try await Line.open { first in
            try await Line.open { second in
                let port = second.echo.localAddress?.port ?? 0
                first.proxy.redirect(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: port)))
                try await first.echo.close()
                let (client, seen) = try await Line.connect(first.proxy)
                client.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
                try await seen.bytes.eventually("the other server's echo") { $0 == "x" }
            }
        }
    }
}
