import NestNats
import NestTesting
import Testing

/// Streaming replies whose readers are slow, or die.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsStreamTests {
    /// A reader on a line that hardly lets anything through slows its own stream and nothing else.
    @Test func aSlowReader() async throws {
        let broker = try await NatsBroker.started()
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        let options = NatsOptions.test(broker.url)
        var behind = options
        behind.servers = ["nats://127.0.0.1:\(try await proxy.start())"]
        let service = try await NatsService.start(options)
        let slow = try ClientProxy.nats(behind)
        let quick = try ClientProxy.nats(options)
        try await slow.connect()
        try await proxy.set(.slowReader(.toClient, bytes: 4_096, every: .milliseconds(10)))
        let reader = Task {
            var last = 0
            for try await number in try await slow.stream(
                "test.numbers", 3_000, of: Int.self, options: .timeout(.seconds(30)))
            {
                guard number == last + 1 else { break }
                last = number
            }
            return last
        }
        for number in 0..<500 {
            let reply: Int = try await quick.send("test.echo", number)
            #expect(reply == number)
        }
        var numbers = 0
        for try await _ in try await quick.stream("test.numbers", 3_000, of: Int.self) { numbers += 1 }
        #expect(numbers == 3_000)
        #expect(try await reader.value == 3_000)
        #expect(await service.health()?.state == .up)
        await slow.close()
        await quick.close()
        await service.stop()
        try await proxy.close()
    }

    /// A reader whose process is gone says nothing: the service finds out by itself and ends the handler.
    @Test func aReaderThatDies() async throws {
        let broker = try await NatsBroker.started()
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        let options = NatsOptions.test(broker.url)
        var behind = options
        behind.servers = ["nats://127.0.0.1:\(try await proxy.start())"]
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(behind)
        var numbers = try await client.stream("test.endless", Payload.null, of: Int.self).makeAsyncIterator()
        for expected in 1...5 { #expect(try await numbers.next() == expected) }
        try await proxy.set(.refuse)
        try await proxy.cut()
        do throws(TransportError) {
            while try await numbers.next() != nil {}
            Issue.record("it ended as if nothing had happened")
        } catch {
            #expect(error.code == .disconnected)
        }
        try await service.probe.log.eventually("the handler that nobody reads") { $0 == ["let go"] }
        await client.close()
        await service.stop()
        try await proxy.close()
    }
}
