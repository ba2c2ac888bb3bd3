extension TransportSuite {
    static let concurrency: [TransportCase] = [
        TransportCase("a handler that waits does not hold up others", noHeadOfLine),
        TransportCase("no more messages are handled at once than allowed", maxInFlight),
        TransportCase("instances share requests, and each is handled once", needs: .competingConsumers, sharing),
        TransportCase("a busy instance leaves requests to the others", needs: .competingConsumers, competing),
        TransportCase(
            "messages of a key keep their order, different keys pass each other", needs: [.events, .orderedPerKey],
            orderPerKey),
    ]

    private static func noHeadOfLine(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        async let held: String = client.send("suite.hold", "a")
        try await probe.gate.eventuallyHolds(1)
        for number in 0..<50 {
            let echo: Int = try await client.send("suite.echo", number)
            try expectEqual(echo, number, "a call beside one that waits")
        }
        probe.gate.open()
        try expectEqual(try await held, "a", "the call that waited")
    }

    private static func maxInFlight(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair { $0.maxInFlight = 4 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { let _: String = try await client.send("suite.hold", "\(number)") }
            }
            try await probe.gate.eventuallyHolds(4)
            probe.gate.open()
            try await group.waitForAll()
        }
        try expectEqual(probe.peak.value, 4, "the most handlers at once")
    }

    /// However a broker deals them out, one instance may not have them all: it has no place for that many, or a broker
    /// that throws a coin would have thrown 91 times the same. So this holds for brokers that know who is busy, and for
    /// those that do not.
    private static func sharing(_ bench: SuiteBench) async throws {
        let gate = Gate()
        let logs = [Watched<[String]>([]), Watched<[String]>([])]
        let options: (inout MicroserviceOptions) -> Void = { $0.maxInFlight = 90 }
        let first = try await bench.service(SuiteProbe("a", log: logs[0], gate: gate), options: options)
        _ = try await bench.service(SuiteProbe("b", log: logs[1], gate: gate), options: options)
        let client = try await bench.client(to: first)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let reply: String = try await client.send("suite.hold", "\(number)")
                    try expectEqual(reply, "\(number)", "a reply")
                }
            }
            try await gate.eventuallyHolds(100)
            gate.open()
            try await group.waitForAll()
        }
        try expectShared(100, atMost: 90, logs)
    }

    /// Each was begun and ended once, by one of the instances, and each instance had its share.
    static func expectShared(_ count: Int, atMost most: Int, _ logs: [Watched<[String]>]) throws {
        let expected = (0..<count).flatMap { ["began \($0)", "ended \($0)"] }.sorted()
        try expectEqual(logs.flatMap(\.value).sorted(), expected, "what the instances saw")
        let shares = logs.map { $0.value.count / 2 }
        try expect(shares.allSatisfy { $0 <= most }, "the instances had \(shares)")
    }

    /// As many requests as both instances together may handle: each must have its share before any is answered. Needs a
    /// broker that knows who is busy.
    private static func competing(_ bench: SuiteBench) async throws {
        let first = try await bench.service(SuiteProbe("a"), options: { $0.maxInFlight = 50 })
        let second = try await bench.service(SuiteProbe("b"), options: { $0.maxInFlight = 50 })
        let client = try await bench.client(to: first)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { let _: String = try await client.send("suite.hold", "\(number)") }
            }
            try await first.probe.gate.eventuallyHolds(50)
            try await second.probe.gate.eventuallyHolds(50)
            first.probe.gate.open()
            second.probe.gate.open()
            try await group.waitForAll()
        }
        let handled = [first, second].map { $0.probe.log.value.filter { $0.hasPrefix("ended") }.count }
        try expectEqual(handled, [50, 50], "requests handled by the two")
    }

    private static func orderPerKey(_ bench: SuiteBench) async throws {
        let log = Watched<[String]>([])
        let first = try await bench.service(SuiteProbe("a", log: log))
        _ = try await bench.service(SuiteProbe("b", log: log))
        let client = try await bench.client(to: first)
        let keys = ["k", "l", "m", "n"]
        for number in 0..<50 {
            for key in keys {
                try await client.emit("kept.step", SuiteStep(key: key, number: number), options: CallOptions(key: key))
            }
        }
        let seen = try await log.eventually("all steps") { $0.count >= 400 }
        for key in keys {
            let expected = (0..<50).flatMap { ["began \(key)\($0)", "ended \(key)\($0)"] }
            try expectEqual(seen.filter { $0.contains(" \(key)") }, expected, "the steps of \(key)")
        }
    }
}
