extension TransportSuite {
    static let events: [TransportCase] = [
        TransportCase("an event reaches every handler that matches", needs: .events, everyHandler),
        TransportCase("events are not answered, and do not wait for their handlers", needs: .events, eventsDoNotWait),
        TransportCase("instances of a group share its events", needs: [.events, .groups], groupShares),
        TransportCase("every group gets every event", needs: [.events, .groups], everyGroup),
        TransportCase("a broadcast reaches every instance", needs: [.events, .broadcast], broadcast),
    ]

    private static func everyHandler(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        try await client.emit("suite.created", "x")
        try await client.emit("suite.other", "y")
        try await client.emit("suite.a.b", "z")
        let expected = ["exact x", "rest x", "rest y", "rest z", "second x", "star x", "star y"]
        let log = try await probe.log.eventually("every handler") { $0.count >= expected.count }
        try expectEqual(log.sorted(), expected, "what handlers saw")
    }

    private static func eventsDoNotWait(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        for number in 0..<10 { try await client.emit("kept.held", "\(number)") }
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait")
        try await probe.gate.eventuallyHolds(10)
        probe.gate.open()
        try await probe.log.eventually("all ends") { log in log.filter { $0.hasPrefix("ended") }.count == 10 }
    }

    /// As many events as both instances together may handle: each must have its share before any is done.
    private static func groupShares(_ bench: SuiteBench) async throws {
        let log = Watched<[String]>([])
        let gate = Gate()
        let options: (inout MicroserviceOptions) -> Void = { $0.maxInFlight = 20 }
        let first = try await bench.service(SuiteProbe("a", log: log, gate: gate), options: options)
        _ = try await bench.service(SuiteProbe("b", log: log, gate: gate), options: options)
        let client = try await bench.client(to: first)
        for number in 0..<40 { try await client.emit("kept.held", "\(number)") }
        try await gate.eventuallyHolds(40)
        gate.open()
        let seen = try await log.eventually("40 events") { log in log.filter { $0.hasPrefix("ended") }.count >= 40 }
        let expected = (0..<40).flatMap { ["began \($0)", "ended \($0)"] }.sorted()
        try expectEqual(seen.sorted(), expected, "what the instances saw")
    }

    private static func everyGroup(_ bench: SuiteBench) async throws {
        let log = Watched<[String]>([])
        let first = try await bench.service(SuiteProbe("a", log: log), options: { $0.group = "one" })
        _ = try await bench.service(SuiteProbe("b", log: log), options: { $0.group = "two" })
        let client = try await bench.client(to: first)
        for number in 0..<20 { try await client.emit("shared.event", "\(number)") }
        let seen = try await log.eventually("20 events for each of two groups") { $0.count >= 40 }
        let expected = (0..<20).flatMap { ["a \($0)", "b \($0)"] }.sorted()
        try expectEqual(seen.sorted(), expected, "what the groups saw")
    }

    private static func broadcast(_ bench: SuiteBench) async throws {
        let log = Watched<[String]>([])
        let controllers: [any Injectable.Type] = [SuiteController.self, SuiteBroadcastController.self]
        let first = try await bench.service(SuiteProbe("a", log: log), controllers: controllers)
        _ = try await bench.service(SuiteProbe("b", log: log), controllers: controllers)
        let client = try await bench.client(to: first)
        try await client.emit("told.all", "x")
        try await client.emit("shared.event", "y")
        let seen = try await log.eventually("a broadcast and an event") { $0.count >= 3 }
        try expectEqual(seen.filter { $0.hasSuffix("x") }.sorted(), ["a x", "b x"], "the broadcast")
        try expectEqual(seen.filter { $0.hasSuffix("y") }.count, 1, "deliveries of the other event")
    }
}
