import Foundation
import NestTesting
import Testing

@testable import NestRabbitMQ

/// A password or a certificate is exchanged under a client and a service that work.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQRotationTests {
    private struct Scene {
        let broker: RabbitMQBroker
        let path: String
        let service: RabbitService
        let client: ClientProxy

        /// As Kubernetes does it: another file in its place, at once.
        func rotate(to text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

        /// Connections of client and service.
        func connections() async throws -> Set<Substring> {
            Set(try await broker.control("list_connections", "--no-table-headers", "pid").split(separator: "\n"))
        }

        func close() async {
            await client.close()
            await service.stop()
        }
    }

    private func scene() async throws -> Scene {
        let broker = try await RabbitMQBroker.started(user: "app", password: "first")
        let path = "\(broker.process.folder)/password"
        try "first\n".write(toFile: path, atomically: true, encoding: .utf8)
        var options = RabbitMQOptions.test("amqp://127.0.0.1:\(broker.port)")
        options.credentials = .user("app", password: .file(path))
        options.fileCheckInterval = .milliseconds(20)
        // Whether another connection is there is asked with `rabbitmqctl`, which takes its time.
        options.streamPatience = .seconds(300)
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        try await client.connect()
        return Scene(broker: broker, path: path, service: service, client: client)
    }

    /// Calls under way, a stream, and a steady load go on as if nothing had happened.
    @Test func nothingInFlightIsLost() async throws {
        let scene = try await scene()
        let client = scene.client
        let held = Task {
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await client.send("test.hold", Payload.null, options: .timeout(.seconds(60))) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        try await scene.service.probe.gate.eventuallyHolds(20)
        var numbers = try await client.stream("test.numbers", 2_000, of: Int.self).makeAsyncIterator()
        for expected in 1...10 { #expect(try await numbers.next() == expected) }
        let counts = Watched((replies: 0, events: 0))
        let load = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<16 {
                    group.addTask {
                        for number in 0... {
                            if Task.isCancelled { return }
                            let _: Int = try await client.send("test.echo", 1)
                            counts.update { $0.replies += 1 }
                            try await client.emit("test.noted", "\(lane) \(number)")
                            counts.update { $0.events += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await counts.eventually(within: .seconds(30), "a load") { $0.replies > 200 }
        let old = try await scene.connections()
        #expect(old.count == 3)
        try await scene.broker.control("change_password", "app", "second")
        try scene.rotate(to: "second\n")
        try await within(.seconds(60), "other connections") {
            while try await scene.connections().subtracting(old).count < 3 { await Task.yield() }
        }
        let before = counts.value.replies
        try await counts.eventually(within: .seconds(30), "a load afterwards") { $0.replies > before + 200 }
        for expected in 11...2_000 {
            let number = try await numbers.next()
            guard number == expected else {
                Issue.record("\(String(describing: number)) instead of \(expected)")
                break
            }
        }
        #expect(try await numbers.next() == nil)
        load.cancel()
        do {
            try await load.value
        } catch let error as TransportError {
            #expect(error.code == .cancelled, "\(error)")
        }
        scene.service.probe.gate.open()
        #expect(try await held.value.count == 20)
        // Nothing holds the old ones any more.
        try await within(.seconds(60), "the old connections are closed") {
            while try await !scene.connections().isDisjoint(with: old) { await Task.yield() }
        }
        let events = counts.value.events
        let log = try await scene.service.probe.log.eventually(within: .seconds(30), "every event") { log in
            log.count { $0.hasPrefix("a ") } >= events
        }
        let noted = log.filter { $0.hasPrefix("a ") }
        #expect(Set(noted).count == noted.count, "each once")
        await scene.close()
    }

    /// The old connection serves until a file comes that can be used.
    @Test func aPasswordThatIsRefusedChangesNothing() async throws {
        let scene = try await scene()
        let old = try await scene.connections()
        try scene.rotate(to: "wrong\n")
        try await within(.seconds(60), "it is refused") {
            while !scene.broker.process.output.contains(where: { $0.contains("invalid credentials") }) {
                let _: Int = try await scene.client.send("test.echo", 1)
            }
        }
        #expect(await scene.client.health().state == .up)
        #expect(try await scene.connections().isSuperset(of: old))
        try scene.rotate(to: "first\n")
        try await within(.seconds(60), "other connections") {
            while try await scene.connections().subtracting(old).count < 3 { await Task.yield() }
        }
        let _: Int = try await scene.client.send("test.echo", 1)
        await scene.close()
    }
}
