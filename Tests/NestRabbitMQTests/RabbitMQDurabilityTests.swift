import Foundation
import NestRabbitMQ
import NestTesting
import Testing

/// Confirmed events, while the broker, its connections and the services are killed at random.
/// `NEST_RABBITMQ_EVENTS=100000` is the whole run.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQDurabilityTests {
    private enum Blow: CaseIterable {
        case connections, service, process, broker
    }

    private static let count = Int(ProcessInfo.processInfo.environment["NEST_RABBITMQ_EVENTS"] ?? "") ?? 6_400
    private static let writers = 64

    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func nothingConfirmedIsLost(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let broker = try await RabbitMQBroker.started()
        var options = RabbitMQOptions.test(broker.url)
        options.queues.kind = kind
        let log = NumberLog()
        let services = try await NumberedServices(options, log)
        // A quorum queue that was just declared does not survive the death of its node.
        try await broker.stop()
        try await broker.start()
        let client = try ClientProxy.rabbit(options)
        let confirmed = Watched(0)
        let begin = ContinuousClock.now
        let writers = Task { await write(client, confirmed) }
        let blows = try await strike(broker, services, until: confirmed)
        await writers.value
        let time = ContinuousClock.now - begin
        #expect(confirmed.value == Self.count)
        await services.killProcess()
        try await settled(broker, options)
        let letters = try await letters(options)
        #expect(log.done.union(letters.keys) == Set(0..<Self.count), "every one is handled, or a dead letter")
        let hopeless = (0..<Self.count).filter(Numbered.isHopeless)
        #expect(Set(hopeless).isSubset(of: letters.keys))
        #expect(log.attempts == NumberedServices.policy.maxAttempts)
        #expect(letters.values.allSatisfy { $0 <= NumberedServices.policy.maxAttempts })
        print(
            "\(kind): \(Self.count) events in \(time), \(log.deliveries) deliveries, \(blows) kills, "
                + "\(letters.count) dead letters, \(letters.count - hopeless.count) of them after kills")
        await client.close()
        await services.stop()
    }

    /// Each of them one after another, and each event again until it is confirmed.
    private func write(_ client: ClientProxy, _ confirmed: Watched<Int>) async {
        await withDiscardingTaskGroup { group in
            for lane in 0..<Self.writers {
                group.addTask {
                    for number in stride(from: lane, to: Self.count, by: Self.writers) {
                        await emit(Numbered(number), client)
                        confirmed.increment()
                    }
                }
            }
        }
    }

    private func emit(_ event: Numbered, _ client: ClientProxy) async {
        while !Task.isCancelled {
            let error = await thrown { () throws(TransportError) in
                try await client.emit(Pattern(Numbered.pattern), event, options: .timeout(.seconds(10)))
            }
            if error == nil { return }
            await Task.yield()
        }
    }

    /// Kills something now and then, until everything is confirmed; how often it did.
    private func strike(
        _ broker: RabbitMQBroker, _ services: NumberedServices, until confirmed: Watched<Int>
    ) async throws -> Int {
        var (count, blows) = (0, [Blow]())
        while confirmed.value < Self.count {
            let step = Int.random(in: max(400, Self.count / 40)...max(1_200, Self.count / 10))
            let next = min(Self.count, confirmed.value + step)
            try await confirmed.eventually(within: .seconds(180), "\(next) confirmed") { $0 >= next }
            guard next < Self.count else { break }
            if blows.isEmpty { blows = Blow.allCases.shuffled() }
            count += 1
            try await strike(blows.removeLast(), broker, services)
        }
        return count
    }

    private func strike(_ blow: Blow, _ broker: RabbitMQBroker, _ services: NumberedServices) async throws {
        switch blow {
        case .connections: try await broker.control("close_all_connections", "a test")
        case .service: try await services.replaceOne()
        case .process: try await services.replaceProcess()
        case .broker:
            await broker.process.kill()
            try await broker.start()
        }
    }

    /// Returns when no queue holds a message, ready or unacknowledged, but for those that are kept.
    private func settled(_ broker: RabbitMQBroker, _ options: RabbitMQOptions) async throws {
        let end = ContinuousClock.now + .seconds(120)
        var left: [[Substring]]
        repeat {
            let table = try await broker.control(
                "list_queues", "--no-table-headers", "name", "messages_ready", "messages_unacknowledged")
            left = table.split(separator: "\n").map { $0.split(separator: "\t") }
                .filter { $0.count == 3 && $0[0].hasPrefix(options.prefix) }
                .filter { !$0[0].hasSuffix(".dead") && !$0[0].hasSuffix(".bindings") }
                .filter { $0[1] != "0" || $0[2] != "0" }
        } while !left.isEmpty && ContinuousClock.now < end
        #expect(left.isEmpty, "left in queues: \(left)")
    }

    /// The numbers of the dead letters, with their tries.
    private func letters(_ options: RabbitMQOptions) async throws -> [Int: Int] {
        let letters = try RabbitMQDeadLetters(options, group: "default")
        let all = try await letters.list(after: nil, limit: .max).letters
        return try all.reduce(into: [:]) { numbers, letter in
            let number = try #require(try letter.payload?.decode(Numbered.self).number)
            numbers[number] = max(numbers[number] ?? 0, try #require(letter.attempts))
        }
    }
}
