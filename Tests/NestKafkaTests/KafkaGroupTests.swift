import NIOCore
import NestTesting
import Testing

@testable import NestKafka

/// What operators see of a running group, and have it do.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaGroupTests {
    private static let keys = ["a", "b", "c", "d", "e", "f"]

    private func emit(_ texts: [String], over client: ClientProxy) async throws {
        for text in texts {
            for key in Self.keys { try await client.emit("test.noted", text, options: CallOptions(key: key)) }
        }
    }

    private func noted(_ texts: [String]) -> [String] {
        texts.flatMap { text in Self.keys.map { "\(text) \($0)" } }.sorted()
    }

    private func seen(_ log: [String]) -> [String] {
        log.map { String($0.drop { $0 != " " }.dropFirst()) }.sorted()
    }

    /// Two instances share the group: all of both is handled again, once, and then only what a time says.
    @Test func aRunningGroupGoesBack() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let log = Watched<[String]>([])
        let first = try await KafkaService.start(options, probe: ServiceProbe("1", log: log))
        let second = try await KafkaService.start(options, probe: ServiceProbe("2", log: log))
        let client = try ClientProxy.kafka(options)
        try await emit(["one"], over: client)
        try await log.eventually("the first") { $0.count == 6 }
        let group = try KafkaConsumerGroup(options, group: "default")
        try await eventually("everything is committed") {
            try await group.positions()
        } until: { positions in
            positions.count == 3 && positions.allSatisfy { $0.lag == 0 } && positions.reduce(0) { $0 + $1.offset } == 6
        }
        let noon = WallClock.milliseconds()
        try await emit(["two"], over: client)
        try await log.eventually("the second") { $0.count == 12 }
        #expect(seen(log.value) == noted(["one", "two"]))

        let back = try await group.seek(to: .beginning)
        #expect(back.map(\.offset) == [0, 0, 0])
        #expect(back.map(\.partition).sorted() == [0, 1, 2])
        try await log.eventually(within: .seconds(20), "everything again") { $0.count >= 24 }
        try await group.seek(to: .time(millisecondsSince1970: noon))
        try await log.eventually(within: .seconds(20), "the second again") { $0.count >= 30 }
        // What comes now comes behind all of it.
        try await emit(["end"], over: client)
        let all = try await log.eventually(within: .seconds(20), "the end") { log in
            log.count { $0.contains("end") } == 6
        }
        #expect(seen(all) == noted(["one", "two", "one", "two", "two", "end"]))
        for key in Self.keys {
            let order = all.filter { $0.hasSuffix(" \(key)") }.map { $0.split(separator: " ")[1] }
            #expect(order == ["one", "two", "one", "two", "two", "end"], "\(key)")
        }
        await client.close()
        await first.stop()
        await second.stop()
    }

    /// What waits is passed over; what is being handled ends, and what comes again of its key waits for that.
    @Test func aRunningGroupPassesOverWhatWaits() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        // Half of them wait for the first one here, the others where they were fetched.
        let service = try await KafkaService.start(options) { $0.maxInFlight = 10 }
        let client = try ClientProxy.kafka(options)
        for number in 0..<20 {
            try await client.emit("test.held", "\(number)", options: CallOptions(key: "k"))
        }
        try await service.probe.gate.eventuallyHolds(1)
        let group = try KafkaConsumerGroup(options, group: "default")
        let positions = try await group.seek(to: .now)
        #expect(positions.reduce(0) { $0 + $1.offset } == 20)
        #expect(try await group.positions().allSatisfy { $0.lag == 0 })
        try await client.emit("test.noted", "next", options: CallOptions(key: "k"))
        #expect(service.probe.log.value == ["began 0 1"])
        service.probe.gate.open()
        let log = try await service.probe.log.eventually("the next") { $0.count >= 3 }
        #expect(log == ["began 0 1", "ended 0", "a next k"])
        await client.close()
        await service.stop()
    }

    /// Nobody is there to move, and nothing has moved.
    @Test func aGroupThatDoesNotRun() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let group = try KafkaConsumerGroup(options, group: "default")
        let unknown = await thrown { () throws(TransportError) in try await group.seek(to: .beginning) }
        #expect(unknown?.code == .notFound)
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        try await emit(["one"], over: client)
        try await service.probe.log.eventually("all") { $0.count == 6 }
        await service.stop()
        let before = try await group.positions()
        #expect(before.map(\.lag) == [0, 0, 0])
        let begin = ContinuousClock.now
        let stopped = await thrown { () throws(TransportError) in
            try await group.seek(to: .beginning, within: .milliseconds(1_500))
        }
        #expect(stopped?.code == .timeout)
        #expect(stopped?.message.contains(".events[0]") == true)
        #expect(ContinuousClock.now - begin < .seconds(4))
        #expect(try await group.positions() == before)
        await client.close()
    }

    /// Orders that make no sense move nothing.
    @Test func ordersOfStrangersChangeNothing() async throws {
        let options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        let service = try await KafkaService.start(options)
        let client = try ClientProxy.kafka(options)
        try await emit(["one"], over: client)
        try await service.probe.log.eventually("all") { $0.count == 6 }
        let visit = try await KafkaVisit(options)
        let values = [
            "", "{", "[]", #"{"group":"other","targets":[]}"#,
            #"{"group":"\#(options.prefix).default","targets":[{"topic":"none","partition":0,"offset":0}]}"#,
            #"{"group":"\#(options.prefix).default","targets":[{"topic":"\#(options.prefix).events","partition":99,"offset":0}]}"#,
        ]
        for value in values {
            for partition in 0..<Int32(2) {
                let refusal = visit.session.producer.send(
                    ByteBuffer(string: value), to: visit.names.replies, partition: partition, key: nil,
                    ["nest-seek-answer": "\(visit.names.replies) 0 x-1"], .none)
                #expect(refusal == nil)
            }
        }
        await visit.close()
        try await emit(["two"], over: client)
        let log = try await service.probe.log.eventually("all") { $0.count == 12 }
        #expect(seen(log) == noted(["one", "two"]))
        await client.close()
        await service.stop()
    }
}
