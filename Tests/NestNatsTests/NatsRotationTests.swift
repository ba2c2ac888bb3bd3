import Foundation
import NestNats
import NestTesting
import Testing

/// A secret is exchanged under a client and a service that work.
@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsRotationTests {
    private struct Scene {
        let broker: NatsBroker
        let options: NatsOptions
        let file: RotatedFile
        let service: NatsService
        let client: ClientProxy

        /// Connections that were closed, as the server tells.
        var closed: Int { broker.process.output.count { $0.contains("Client connection closed") } }

        func close() async {
            await client.close()
            await service.stop()
        }
    }

    /// Alice may not send to `test.echo`.
    private func scene() async throws -> Scene {
        let broker = try await NatsAccounts.broker(extra: "debug: true")
        var options = NatsOptions.test(broker.url)
        let file = try RotatedFile(
            "\(broker.process.folder)/app.creds",
            NatsAccounts.creds(NatsAccounts.alice, denied: ["\(options.prefix).test.echo"]))
        options.credentials = .file(file.path)
        options.fileCheckInterval = .milliseconds(20)
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        try await client.connect()
        return Scene(broker: broker, options: options, file: file, service: service, client: client)
    }

    /// Returns when the client is bob, who may send to `test.echo`.
    private func isBob(_ client: ClientProxy) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do throws(TransportError) {
                let _: Int = try await client.send("test.echo", 1)
                return
            } catch {
                guard error.code == .forbidden, ContinuousClock.now < end else { throw error }
                await Task.yield()
            }
        }
    }

    /// Calls under way, a stream, and a steady load go on as if nothing had happened.
    @Test func nothingInFlightIsLost() async throws {
        let scene = try await scene()
        let client = scene.client
        let held = HeldCalls(50, of: "test.hold", by: client)
        try await scene.service.probe.gate.eventuallyHolds(50)
        var numbers = CountedStream(try await client.stream("test.numbers", 5_000), upTo: 5_000)
        try await numbers.read(upTo: 10)
        let load = SteadyLoad { _, _, tally in
            let _: Int = try await client.send("test.later", 1)
            tally.replied()
            try await client.emit("test.noted", "x")
            tally.confirmed()
        }
        try await load.goesOn()
        try scene.file.rotate(to: NatsAccounts.creds(NatsAccounts.bob))
        try await isBob(client)
        try await load.goesOn()
        try await numbers.read()
        // The stream was the last thing that held an old connection.
        let closed = ContinuousClock.now + .seconds(10)
        while scene.closed < 2, ContinuousClock.now < closed { await Task.yield() }
        #expect(scene.closed == 2, "the old connections of client and service")
        let events = try await load.stop()
        scene.service.probe.gate.open()
        #expect(await held.codes == Array(repeating: nil, count: 50))
        try await scene.service.probe.log.eventually("every event") { log in log.count { $0 == "a x" } >= events }
        #expect(await client.health().details["pending"] == "0")
        await scene.close()
    }

    /// The old connection serves until a file comes that can be used.
    @Test func aSecretThatIsRefusedChangesNothing() async throws {
        let scene = try await scene()
        try scene.file.rotate(to: "half a file")
        let refused = try NatsAccounts.creds(NatsAccounts.bob, signedBy: NatsAccounts.alice)
        for _ in 0..<200 {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        try scene.file.rotate(to: refused)
        let end = ContinuousClock.now + .seconds(10)
        while !scene.broker.process.output.contains(where: { $0.contains("authentication error") }),
            ContinuousClock.now < end
        {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        #expect(await scene.client.health().state == .up)
        try scene.file.rotate(to: NatsAccounts.creds(NatsAccounts.bob))
        try await isBob(scene.client)
        await scene.close()
    }

    /// Keeps its kept events through it, each once.
    @Test func streamsGoOn() async throws {
        let broker = try await NatsBroker.started(.token("first"), jetStream: true)
        let file = try RotatedFile("\(broker.process.folder)/token", "first\n")
        var options = NatsOptions.test(broker.url)
        options.credentials = .token(.file(file.path))
        options.fileCheckInterval = .milliseconds(20)
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["test.noted"])
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        for number in 0..<600 {
            // The same secret in another file: that is a change as well.
            if number % 100 == 50 { try file.rotate(to: "first\n") }
            try await client.emit("test.noted", "\(number)")
        }
        let seen = try await service.probe.log.eventually("all events") { $0.count >= 600 }
        #expect(Set(seen).count == 600)
        #expect(seen.count == 600)
        await client.close()
        await service.stop()
    }
}
