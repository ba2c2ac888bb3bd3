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
        let path: String
        let service: NatsService
        let client: ClientProxy

        /// As Kubernetes does it: another file in its place, at once.
        func rotate(to text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

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
        let path = "\(broker.process.folder)/app.creds"
        var options = NatsOptions.test(broker.url)
        options.credentials = .file(path)
        options.fileCheckInterval = .milliseconds(20)
        let denied = "\(options.prefix).test.echo"
        try NatsAccounts.creds(NatsAccounts.alice, denied: [denied]).write(
            toFile: path, atomically: true, encoding: .utf8)
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        try await client.connect()
        return Scene(broker: broker, options: options, path: path, service: service, client: client)
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
        let held = Task {
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await client.send("test.hold", Payload.null, options: .timeout(.seconds(30))) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        try await scene.service.probe.gate.eventuallyHolds(50)
        var numbers = try await client.stream("test.numbers", 5_000, of: Int.self).makeAsyncIterator()
        for expected in 1...10 { #expect(try await numbers.next() == expected) }
        let counts = Watched((replies: 0, events: 0))
        let load = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        while !Task.isCancelled {
                            let _: Int = try await client.send("test.later", 1)
                            counts.update { $0.replies += 1 }
                            try await client.emit("test.noted", "x")
                            counts.update { $0.events += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await counts.eventually("a load") { $0.replies > 200 }
        try scene.rotate(to: NatsAccounts.creds(NatsAccounts.bob))
        try await isBob(client)
        let before = counts.value.replies
        try await counts.eventually("a load afterwards") { $0.replies > before + 200 }
        for expected in 11...5_000 {
            let number = try await numbers.next()
            guard number == expected else {
                Issue.record("\(String(describing: number)) instead of \(expected)")
                break
            }
        }
        #expect(try await numbers.next() == nil)
        // The stream was the last thing that held an old connection.
        let closed = ContinuousClock.now + .seconds(10)
        while scene.closed < 2, ContinuousClock.now < closed { await Task.yield() }
        #expect(scene.closed == 2, "the old connections of client and service")
        load.cancel()
        do {
            try await load.value
        } catch let error as TransportError {
            #expect(error.code == .cancelled, "\(error)")
        }
        scene.service.probe.gate.open()
        #expect(try await held.value.count == 50)
        let events = counts.value.events
        try await scene.service.probe.log.eventually("every event") { log in log.count { $0 == "a x" } >= events }
        #expect(await client.health().details["pending"] == "0")
        await scene.close()
    }

    /// The old connection serves until a file comes that can be used.
    @Test func aSecretThatIsRefusedChangesNothing() async throws {
        let scene = try await scene()
        try scene.rotate(to: "half a file")
        let refused = try NatsAccounts.creds(NatsAccounts.bob, signedBy: NatsAccounts.alice)
        for _ in 0..<200 {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        try scene.rotate(to: refused)
        let end = ContinuousClock.now + .seconds(10)
        while !scene.broker.process.output.contains(where: { $0.contains("authentication error") }),
            ContinuousClock.now < end
        {
            let _: Int = try await scene.client.send("test.later", 1)
        }
        #expect(await scene.client.health().state == .up)
        try scene.rotate(to: NatsAccounts.creds(NatsAccounts.bob))
        try await isBob(scene.client)
        await scene.close()
    }

    /// Keeps its kept events through it, each once.
    @Test func streamsGoOn() async throws {
        let broker = try await NatsBroker.started(.token("first"), jetStream: true)
        let path = "\(broker.process.folder)/token"
        try "first\n".write(toFile: path, atomically: true, encoding: .utf8)
        var options = NatsOptions.test(broker.url)
        options.credentials = .token(.file(path))
        options.fileCheckInterval = .milliseconds(20)
        options.jetStream = JetStreamOptions(stream: options.prefix, subjects: ["test.noted"])
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        for number in 0..<600 {
            // The same secret in another file: that is a change as well.
            if number % 100 == 50 { try "first\n".write(toFile: path, atomically: true, encoding: .utf8) }
            try await client.emit("test.noted", "\(number)")
        }
        let seen = try await service.probe.log.eventually("all events") { $0.count >= 600 }
        #expect(Set(seen).count == 600)
        #expect(seen.count == 600)
        await client.close()
        await service.stop()
    }
}
