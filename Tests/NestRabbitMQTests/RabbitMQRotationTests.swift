import Foundation
import NestTesting
import Testing

@testable import NestRabbitMQ

/// A password or a certificate is exchanged under a client and a service that work.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQRotationTests {
    private struct Scene {
        let broker: RabbitMQBroker
        let file: RotatedFile
        let service: RabbitService
        let client: ClientProxy

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
        let file = try RotatedFile("\(broker.process.folder)/password", "first\n")
        var options = RabbitMQOptions.test("amqp://127.0.0.1:\(broker.port)")
        options.credentials = .user("app", password: .file(file.path))
        options.fileCheckInterval = .milliseconds(20)
        // Whether another connection is there is asked with `rabbitmqctl`, which takes its time.
        options.streamPatience = .seconds(300)
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        try await client.connect()
        return Scene(broker: broker, file: file, service: service, client: client)
    }

    /// Calls under way, a stream, and a steady load go on as if nothing had happened.
    @Test func nothingInFlightIsLost() async throws {
        let scene = try await scene()
        let client = scene.client
        let held = HeldCalls(20, of: "test.hold", by: client, timeout: .seconds(60))
        try await scene.service.probe.gate.eventuallyHolds(20)
        var numbers = CountedStream(try await client.stream("test.numbers", 2_000), upTo: 2_000)
        try await numbers.read(upTo: 10)
        let load = SteadyLoad { place, number, tally in
            let _: Int = try await client.send("test.echo", 1)
            tally.replied()
            try await client.emit("test.noted", "\(place) \(number)")
            tally.confirmed()
        }
        try await load.goesOn(within: .seconds(30))
        let old = try await scene.connections()
        #expect(old.count == 3)
        try await scene.broker.control("change_password", "app", "second")
        try scene.file.rotate(to: "second\n")
        try await within(.seconds(60), "other connections") {
            while try await scene.connections().subtracting(old).count < 3 { await Task.yield() }
        }
        try await load.goesOn(within: .seconds(30))
        try await numbers.read()
        let events = try await load.stop()
        scene.service.probe.gate.open()
        #expect(await held.codes == Array(repeating: nil, count: 20))
        // Nothing holds the old ones any more.
        try await within(.seconds(60), "the old connections are closed") {
            while try await !scene.connections().isDisjoint(with: old) { await Task.yield() }
        }
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
        try scene.file.rotate(to: "wrong\n")
        try await within(.seconds(60), "it is refused") {
            while !scene.broker.process.output.contains(where: { $0.contains("invalid credentials") }) {
                let _: Int = try await scene.client.send("test.echo", 1)
            }
        }
        #expect(await scene.client.health().state == .up)
        #expect(try await scene.connections().isSuperset(of: old))
        try scene.file.rotate(to: "first\n")
        try await within(.seconds(60), "other connections") {
            while try await scene.connections().subtracting(old).count < 3 { await Task.yield() }
        }
        let _: Int = try await scene.client.send("test.echo", 1)
        await scene.close()
    }
}
