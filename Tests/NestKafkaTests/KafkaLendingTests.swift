import NestKafka
import NestTesting
import Testing

/// Records are handled while the library still has them, and what they were read into serves for the next ones.
@Suite(.serialized, .enabled(if: KafkaBroker.isExpected, "Tansu is not installed"))
struct KafkaLendingTests {
    private static let count = 1_500

    /// Of most records nobody keeps anything. Of every third a handler keeps the context and asks it nothing; of others
    /// somebody else asks while the handler returns. All are told of their own record, long after the library has it back.
    @Test func whatIsKeptOfARecordStaysThatRecords() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.consumer.start = .beginning
        let client = try ClientProxy.kafka(options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.count {
                group.addTask {
                    // Longer than what a string has room for in itself.
                    let headers: MessageHeaders = ["number": "the number is \(number)"]
                    let options = CallOptions(headers: headers, key: "k\(number)")
                    try await client.emit("kept.\(number % 3)", number, options: options)
                }
            }
            try await group.waitForAll()
        }
        await client.close()

        let kept = Watched<[MessageContext]>([])
        let told = Watched<[String]>([])
        let service = try await KafkaService.start(
            options, controllers: [KeepingController.self], providers: [.value(Keeping(kept: kept, told: told))])
        let contexts = try await kept.eventually("what was kept") { $0.count == Self.count / 3 }
        let words = try await told.eventually("what was told") { $0.count == Self.count / 3 }
        await service.stop()

        var places: Set<String> = []
        for context in contexts {
            let number = try context.payload.decode(Int.self)
            #expect(number % 3 == 0)
            #expect(context.headers["number"] == "the number is \(number)")
            let record = try #require(context.metadata(as: KafkaDelivery.self))
            #expect(record.recordKey == "k\(number)")
            places.insert("\(record.partition) \(record.offset)")
        }
        #expect(places.count == contexts.count)
        let expected = (0..<Self.count).filter { $0 % 3 == 1 }.map { "\($0): the number is \($0), k\($0)" }
        #expect(words.sorted() == expected.sorted())
    }

    /// In the middle of what it reads some records are on their way back to the library, which does not end before it has
    /// them all.
    @Test func aServiceThatReadsEndsAtOnce() async throws {
        var options = KafkaOptions.test(try await Brokers.shared.plain().bootstrap)
        options.consumer.start = .beginning
        let client = try ClientProxy.kafka(options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4_000 { group.addTask { try await client.emit("test.noted", "\(number)") } }
            try await group.waitForAll()
        }
        await client.close()
        let service = try await KafkaService.start(options)
        try await service.probe.log.eventually("some") { $0.count >= 700 }
        let begin = ContinuousClock.now
        await service.stop()
        #expect(ContinuousClock.now - begin < .seconds(5))
    }
}

private struct Keeping: Sendable {
    let kept: Watched<[MessageContext]>
    let told: Watched<[String]>
}

private struct KeepingController: Controller {
    let keeping: Keeping

    static var dependencies: [Dependency] { [Dependency(Keeping.self)] }

    static func make(from resolver: Resolver) async throws -> KeepingController {
        KeepingController(keeping: try await resolver.resolve())
    }

    static var handlers: [Handler<KeepingController>] {
        [
            .event("kept.0") { (service, _: Payload, context) in service.keeping.kept.append(context) },
            .event("kept.1") { (service, number: Int, context) in
                let told = service.keeping.told
                Task.detached {
                    let key = context.metadata(as: KafkaDelivery.self)?.recordKey ?? "-"
                    told.append("\(number): \(context.headers["number"] ?? "-"), \(key)")
                }
            },
            .event("kept.2") { (_, _: Payload, _) in },
        ]
    }
}
