import NestRabbitMQ
import NestTesting
import Testing

/// How long things may take: handlers, silence, and messages that nobody takes.
@Suite(.serialized, .enabled(if: RabbitMQBroker.isExpected, "rabbitmq-server is not installed"))
struct RabbitMQTimesTests {
    /// A broker that waits two seconds for the end of a handler, instead of half an hour.
    private func broker() async throws -> RabbitMQBroker {
        try await Brokers.shared.broker("times") {
            let broker = try await RabbitMQBroker.started()
            for (name, time) in [("consumer_timeout", 2_000), ("channel_tick_interval", 500)] {
                try await broker.control("eval", "application:set_env(rabbit, \(name), \(time)).")
            }
            return broker
        }
    }

    private func options(_ change: (inout RabbitMQOptions) -> Void = { _ in }) async throws -> RabbitMQOptions {
        var options = RabbitMQOptions.test(try await broker().url)
        change(&options)
        return options
    }

    private func policy(_ attempts: Int) -> (inout MicroserviceOptions) -> Void {
        { $0.deliveryPolicy = DeliveryPolicy(maxAttempts: attempts, backoff: .constant(.milliseconds(20))) }
    }

    private func deadLetter(_ options: RabbitMQOptions) async throws -> StoredDeadLetter? {
        let letters = try RabbitMQDeadLetters(options, group: "default")
        return try await within(.seconds(20), "a dead letter") {
            while try await letters.count() == 0 { await Task.yield() }
            return try await letters.list().letters.first
        }
    }

    /// Before the broker loses its patience, and with it the channel and everything that came over it.
    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func aHandlerThatTakesTooLongIsCancelled(_ kind: RabbitMQQueueOptions.Kind) async throws {
        // This broker waits half an hour.
        var options = RabbitMQOptions.test(try await Brokers.shared.plain().url)
        options.queues.kind = kind
        options.queues.maxHandlingTime = .seconds(1)
        let service = try await RabbitService.start(options, policy(2))
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.held", "x")
        let letter = try await deadLetter(options)
        #expect(letter?.attempts == 2 && letter?.pattern == "test.held")
        #expect(service.probe.log.value == ["began x 1", "began x 2"])
        await client.close()
        await service.stop()
    }

    /// The broker closes the channel of a consumer that takes too long: all its messages come again, over a new one.
    @Test func aChannelTheBrokerClosesIsMadeAnew() async throws {
        let options = try await options()
        let service = try await RabbitService.start(options, policy(10))
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.held", "x")
        try await service.probe.log.eventually(within: .seconds(20), "the next try") { $0.contains("began x 2") }
        service.probe.gate.open()
        try await client.emit("test.noted", "after")
        try await service.probe.log.eventually("one after it") { $0.contains("a after") }
        let health = try RabbitMQBrokerHealth("rabbitmq", options, service: "default")
        try await within(.seconds(20), "nothing is left over") {
            while try await health.check().details["events"] != "0" { await Task.yield() }
        }
        #expect(try await health.check().details["dead_letters"] == "0")
        await client.close()
        await service.stop()
    }

    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func whatNobodyTakesInTimeIsADeadLetter(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options {
            $0.queues.kind = kind
            $0.queues.messageTTL = .milliseconds(200)
        }
        let service = try await RabbitService.start(options)
        await service.stop()
        let client = try ClientProxy.rabbit(options)
        try await client.emit("test.noted", "late")
        let letter = try await deadLetter(options)
        #expect(letter?.reason == "expired" && letter?.source == "\(options.prefix).default.events")
        #expect(letter?.payload?.description == #""late""#)
        await client.close()
    }

    /// The broker stands still, with its sockets open: silence is a cut.
    @Test func aBrokerThatStandsStillIsNoticed() async throws {
        let options = try await options { $0.heartbeat = .seconds(1) }
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        let begin = ContinuousClock.now
        async let held = thrown { () throws(TransportError) in
            let _: String = try await client.send("test.hold", Payload.null, options: .timeout(.seconds(30)))
        }
        try await service.probe.gate.eventuallyHolds(1)
        let broker = try await broker()
        broker.process.pause()
        #expect(await held?.code == .disconnected)
        #expect(ContinuousClock.now - begin < .seconds(10))
        broker.process.resume()
        service.probe.gate.open()
        try await client.emit("test.noted", "after", options: .timeout(.seconds(30)))
        try await service.probe.log.eventually(within: .seconds(30), "an event afterwards") { $0.contains("a after") }
        await client.close()
        await service.stop()
    }

    /// Who has nothing to say says that he is there, and the broker keeps him.
    @Test func whoIsSilentIsKept() async throws {
        let options = try await options {
            $0.heartbeat = .seconds(1)
            $0.name = "silent\(UInt32.random(in: 0 ... .max))"
        }
        let service = try await RabbitService.start(options)
        let client = try ClientProxy.rabbit(options)
        let _: Int = try await client.send("test.echo", 1)
        let broker = try await broker()
        @Sendable func heard() async throws -> [Substring: Int] {
            let table = try await broker.control("list_connections", "pid", "recv_oct", "client_properties")
            let rows = table.split(separator: "\n").map { $0.split(separator: "\t") }
                .filter { $0.count == 3 && $0[2].contains(options.name) }
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Int($0[1]) ?? 0) })
        }
        let before = try await heard()
        #expect(before.count == 3)
        // Eight bytes each. A broker that hears nothing for two seconds closes the connection.
        try await within(.seconds(30), "heartbeats of all three") {
            while true {
                let now = try await heard()
                guard now.keys == before.keys else { return #expect(now.keys == before.keys) }
                if before.allSatisfy({ now[$0.key, default: 0] >= $0.value + 8 * 5 }) { return }
            }
        }
        await client.close()
        await service.stop()
    }

    /// A caller that has gone is not answered, and nothing is done for it.
    @Test(arguments: [RabbitMQQueueOptions.Kind.quorum, .classic])
    func aRequestThatNobodyWaitsForIsNotHandled(_ kind: RabbitMQQueueOptions.Kind) async throws {
        let options = try await options { $0.queues.kind = kind }
        await (try RabbitService.start(options)).stop()
        let client = try ClientProxy.rabbit(options)
        let late = await thrown { () throws(TransportError) in
            let _: String = try await client.send("test.hold", Payload.null, options: .timeout(.milliseconds(300)))
        }
        #expect(late?.code == .timeout)
        let service = try await RabbitService.start(options)
        // It would come first.
        let reply: Int = try await client.send("test.echo", 1)
        #expect(reply == 1)
        #expect(service.probe.log.value.isEmpty)
        await client.close()
        await service.stop()
    }

    /// Beyond the messages that may be unconfirmed, the bytes that wait have their bound.
    @Test func theWindowOfUnconfirmedEventsIsBounded() async throws {
        let options = try await options { $0.maxBufferedBytes = 4_096 }
        await (try RabbitService.start(options)).stop()
        let broker = try await broker()
        func taken(window: Int) async throws -> Int {
            var narrow = options
            narrow.confirmWindow = window
            let client = try ClientProxy.rabbit(narrow)
            try await client.emit("test.noted", "x")
            broker.process.pause()
            let refused = Watched(0)
            let all = Task {
                await withTaskGroup(of: TransportError.Code?.self) { group in
                    for _ in 0..<60 {
                        group.addTask {
                            let error = await thrown { () throws(TransportError) in
                                try await client.emit("test.noted", "x", options: .timeout(.seconds(30)))
                            }
                            if error != nil { refused.increment() }
                            return error?.code
                        }
                    }
                    return await group.reduce(into: [TransportError.Code?: Int]()) { $0[$1, default: 0] += 1 }
                }
            }
            // Nothing is confirmed, and more than a few kilobytes do not wait.
            _ = try? await refused.eventually("some are refused") { $0 >= 60 - window - 4_096 / 256 }
            broker.process.resume()
            let codes = await all.value
            #expect(Set(codes.keys).isSubset(of: [nil, .overloaded]), "\(codes)")
            await client.close()
            return codes[nil, default: 0]
        }
        let (few, more) = (try await taken(window: 4), try await taken(window: 12))
        #expect(few < 60 && more - few == 8, "\(few), \(more)")
    }

    /// How much is sent ahead is one thing, how much is handled at once another.
    @Test func moreIsFetchedThanIsHandled() async throws {
        let options = try await options { $0.queues.prefetch = 10 }
        let service = try await RabbitService.start(options) { $0.maxInFlight = 2 }
        let client = try ClientProxy.rabbit(options)
        for number in 0..<20 { try await client.emit("test.held", "\(number)") }
        try await service.probe.gate.eventuallyHolds(2)
        let broker = try await broker()
        let queue = "\(options.prefix).default.events"
        try await within(.seconds(20), "the prefetch is used up") {
            var line: Substring?
            repeat {
                let table = try await broker.control("list_queues", "name", "messages_unacknowledged")
                line = table.split(separator: "\n").first { $0.hasPrefix("\(queue)\t") }
            } while line != "\(queue)\t10"
        }
        #expect(service.probe.gate.waiting == 2)
        #expect(service.probe.log.value.count == 2)
        service.probe.gate.open()
        try await service.probe.log.eventually("all of them") { $0.count { $0.hasPrefix("ended") } == 20 }
        await client.close()
        await service.stop()
    }
}
