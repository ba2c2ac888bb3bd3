import Foundation
import NestKafka
import NestTesting
import Testing

/// Confirmed events with keys, while the broker, services and a process are killed at random. `NEST_KAFKA_EVENTS=200000` is
/// the whole run.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaDurabilityTests {
    private enum Blow: CaseIterable {
        case service, process, broker
    }

    private static let count = Int(ProcessInfo.processInfo.environment["NEST_KAFKA_EVENTS"] ?? "") ?? 12_800
    private static let keys = 32

    @Test func nothingConfirmedIsLostAndKeysKeepTheirOrder() async throws {
        let broker = try await KafkaBroker.started(durable: true)
        var options = KafkaOptions.test(broker.bootstrap)
        // Tansu notes the sequence of a batch before the batch itself: killed in between, it takes the same batch for a
        // duplicate when it comes again, confirms it and does not have it.
        options.isIdempotent = false
        // With data in its store, Tansu looks through a whole partition at each fetch, and hands out what it has found when the
        // time is over: in 10 ms a few records. A service that had fallen behind by some thousands would never catch up.
        options.connection.properties["fetch.wait.max.ms"] = "500"
        // The first group begins with what was there before it.
        options.consumer.start = .beginning
        let log = NumberLog()
        let services = try await NumberedServices(options, log)
        let client = try ClientProxy.kafka(options)
        let confirmed = Watched(0)
        let begin = ContinuousClock.now
        let writers = Task { await write(client, confirmed) }
        let blows = try await strike(broker, services, until: confirmed)
        await writers.value
        #expect(confirmed.value == Self.count)
        try await log.doneCount.eventually(within: .seconds(120), "all are handled") { $0 >= Self.count }
        #expect(log.outOfOrder.isEmpty, "\(log.outOfOrder.prefix(5))")
        #expect(log.doneCount.value == Self.count)
        print(
            "kafka: \(Self.count) events in \(ContinuousClock.now - begin), \(log.deliveries) deliveries, "
                + "\(blows) kills")
        await client.close()
        await services.stop()
    }

    /// Those of a key one after another, and each event again until it is confirmed.
    private func write(_ client: ClientProxy, _ confirmed: Watched<Int>) async {
        await withDiscardingTaskGroup { group in
            for key in 0..<Self.keys {
                group.addTask {
                    for number in 0..<(Self.count / Self.keys) {
                        await emit(Numbered(key, number), client)
                        confirmed.increment()
                    }
                }
            }
        }
    }

    private func emit(_ event: Numbered, _ client: ClientProxy) async {
        while !Task.isCancelled {
            var options = CallOptions(key: "key-\(event.key)")
            options.timeout = .seconds(60)
            let error = await thrown { () throws(TransportError) in
                try await client.emit(Numbered.pattern, event, options: options)
            }
            if error == nil { return }
            await Task.yield()
        }
    }

    /// Kills something now and then, until everything is confirmed; how often it did.
    private func strike(
        _ broker: KafkaBroker, _ services: NumberedServices, until confirmed: Watched<Int>
    ) async throws -> Int {
        var (count, blows) = (0, [Blow]())
        while confirmed.value < Self.count {
            let step = Int.random(in: max(200, Self.count / 20)...max(600, Self.count / 8))
            let next = min(Self.count, confirmed.value + step)
            try await confirmed.eventually(within: .seconds(180), "\(next) confirmed") { $0 >= next }
            guard next < Self.count else { break }
            if blows.isEmpty { blows = Blow.allCases.shuffled() }
            count += 1
            switch blows.removeLast() {
            case .service: try await services.replaceOne()
            case .process: try await services.haveProcessDie()
            case .broker:
                await broker.process.kill()
                try await broker.start()
            }
        }
        return count
    }
}
