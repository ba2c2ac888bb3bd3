extension TransportSuite {
    static let events: [TransportCase] = [
        TransportCase("an event reaches every handler that matches", needs: .events, everyHandler),
        TransportCase("events are not answered, and do not wait for their handlers", needs: .events, eventsDoNotWait),
        TransportCase("instances of a group share its events", needs: [.events, .groups], groupShares),
        TransportCase("a busy instance leaves events to the others", needs: [.events, .groups], groupCompetes),
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

    /// However a broker deals them out, one instance may not have them all, see `sharing` of requests.
    private static func groupShares(_ bench: SuiteBench) async throws {
        try await share(80, places: 75, bench)
    }

    /// As many events as both instances together may handle: each must have its share before any is done. Needs a broker
    /// that knows who is busy.
    private static func groupCompetes(_ bench: SuiteBench) async throws {
        try await share(40, places: 20, bench)
    }

    /// Two instances with so many places each: every event is handled once, and none waits behind others.
    private static func share(_ count: Int, places: Int, _ bench: SuiteBench) async throws {
        let gate = Gate()
        let logs = [Watched<[String]>([]), Watched<[String]>([])]
        let options: (inout MicroserviceOptions) -> Void = { $0.maxInFlight = places }
        let first = try await bench.service(SuiteProbe("a", log: logs[0], gate: gate), options: options)
        _ = try await bench.service(SuiteProbe("b", log: logs[1], gate: gate), options: options)
        let client = try await bench.client(to: first)
        for number in 0..<count { try await client.emit("kept.held", "\(number)") }
        try await gate.eventuallyHolds(count)
        gate.open()
        for log in logs {
            try await log.eventually("every event ends") { seen in
                seen.count { $0.hasPrefix("ended") } == seen.count { $0.hasPrefix("began") }
            }
        }
        try expectShared(count, atMost: places, logs)
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
