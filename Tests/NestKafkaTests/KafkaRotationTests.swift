import Foundation
import NestKafka
import NestTesting
import Testing

/// A password is exchanged under a client and a service that work.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaRotationTests {
    private struct Scene {
        let listener: KafkaListener
        let file: RotatedFile
        let options: KafkaOptions
        let service: KafkaService
        let client: ClientProxy
        /// What the service logs.
        let lines: Watched<[String]>

        /// Logins with the user's second password: one for each instance of the library.
        var renewed: Int { Self.renewed(listener.process.output) }

        static func renewed(_ output: [String]) -> Int {
            output.count { $0 == "authenticated SCRAM-SHA-256 app#2" }
        }

        func close() async {
            await client.close()
            await service.stop()
        }
    }

    private func scene(
        _ name: String, _ configure: (inout KafkaOptions) -> Void = { _ in }
    ) async throws -> Scene {
        let listener = try await Brokers.shared.listener(name, .user("app", password: "first", next: "second"))
        let file = try RotatedFile("\(listener.process.folder)/password", "first\n")
        var options = KafkaOptions.test(listener.bootstrap)
        options.connection.sasl = .scramSHA256("app", password: .file(file.path))
        options.fileCheckInterval = .milliseconds(20)
        configure(&options)
        let lines = Watched<[String]>([])
        let service = try await KafkaService.start(options) { $0.logger = .recorded(lines) }
        let client = try ClientProxy.kafka(options)
        try await client.connect()
        return Scene(listener: listener, file: file, options: options, service: service, client: client, lines: lines)
    }

    /// What is being handled is handled once: the old members keep their partitions until their handlers have ended.
    @Test func nothingInFlightIsLostOrHandledTwice() async throws {
        let scene = try await scene("rotation") { $0.consumer.revokeTimeout = .seconds(60) }
        let client = scene.client
        for number in 0..<9 {
            try await client.emit("test.held", "\(number)", options: CallOptions(key: "\(number)"))
        }
        try await scene.service.probe.gate.eventuallyHolds(9)
        let load = SteadyLoad(8) { place, number, tally in
            let reply: Int = try await client.send("test.echo", number, options: .timeout(.seconds(30)))
            #expect(reply == number)
            tally.replied()
            try await client.emit("test.noted", "\(place)-\(number)", options: CallOptions(key: "lane \(place)"))
            tally.confirmed()
        }
        try await load.goesOn(by: 50, within: .seconds(30))
        #expect(scene.renewed == 0)
        try scene.file.rotate(to: "second\n")
        // The service's producer, answers and two groups; the client's producer and answers.
        try await scene.listener.process.eventuallyWrites(within: .seconds(30), "logins") { Scene.renewed($0) >= 6 }
        try await scene.lines.eventually(within: .seconds(30), "the new session") { lines in
            lines.contains { $0.contains("connected anew") }
        }
        // Requests go on while the old member keeps what its handlers are at.
        try await load.goesOn(by: 100, within: .seconds(30))
        scene.service.probe.gate.open()
        try await load.goesOn(by: 100, within: .seconds(30))
        let events = try await load.stop()
        let log = try await scene.service.probe.log.eventually(within: .seconds(30), "every event") { log in
            log.count { $0.hasPrefix("a ") } >= events
        }
        let held = log.filter { !$0.hasPrefix("a ") }
        #expect(held.filter { $0.hasPrefix("began") }.sorted() == (0..<9).map { "began \($0) 1" })
        #expect(held.filter { $0.hasPrefix("ended") }.sorted() == (0..<9).map { "ended \($0)" })
        let noted = log.filter { $0.hasPrefix("a ") }
        #expect(Set(noted).count == noted.count, "each once")
        for lane in 0..<8 {
            let numbers = noted.compactMap { line -> Int? in
                guard line.hasPrefix("a \(lane)-") else { return nil }
                return Int(line.dropFirst("a \(lane)-".count).prefix { $0 != " " })
            }
            #expect(numbers == Array(0..<numbers.count), "in their order")
        }
        await scene.close()
    }

    /// The old session serves until a file comes that can be used.
    @Test func aPasswordThatIsRefusedChangesNothing() async throws {
        let scene = try await scene("refused rotation") { $0.connectTimeout = .seconds(1) }
        try scene.file.rotate(to: "wrong\n")
        try await scene.listener.process.eventuallyWrites(within: .seconds(20), "refusals") { output in
            output.count { $0.hasPrefix("refused") } >= 2
        }
        for number in 0..<20 {
            let reply: Int = try await scene.client.send("test.echo", number)
            #expect(reply == number)
        }
        try await scene.client.emit("test.noted", "still", options: CallOptions(key: "k"))
        try await scene.service.probe.log.eventually("the event") { $0.contains("a still k") }
        #expect(scene.renewed == 0)
        try scene.file.rotate(to: "second\n")
        try await scene.listener.process.eventuallyWrites(within: .seconds(30), "logins") { Scene.renewed($0) >= 6 }
        let after: Int = try await scene.client.send("test.echo", 1, options: .timeout(.seconds(20)))
        #expect(after == 1)
        await scene.close()
    }
}
