extension TransportSuite {
    static let streams: [TransportCase] = [
        TransportCase("a stream's items come in order and end", needs: .streaming, streamOrder),
        TransportCase("a stream's maker does not run ahead of its reader", needs: .streaming, backPressure),
        TransportCase("leaving a stream cancels its maker", needs: .streaming, streamCancel),
        TransportCase("an error in the middle of a stream ends it with the error", needs: .streaming, streamError),
        TransportCase("a single value is a stream of one, and errors come through", needs: .streaming, streamOfOne),
        TransportCase("a stream nobody asked for is collected", collected),
        TransportCase("many streams at once do not mix", needs: .streaming, manyStreams),
    ]

    private static func numbers(_ client: ClientProxy, _ count: SuiteCount) async throws -> [Int] {
        var numbers: [Int] = []
        for try await number in try await client.stream("suite.count", count, of: Int.self) { numbers.append(number) }
        return numbers
    }

    private static func streamOrder(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        for count in [0, 1, 2, 63, 64, 65, 1_000] {
            let seen = try await numbers(client, SuiteCount(n: count))
            try expect(
                seen == Array(1...max(1, count)).prefix(count).map { $0 }, "a stream of \(count): \(seen.count) items")
        }
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
    }

    /// Another call is answered while the reader stands still, so the maker has had its time to run ahead.
    private static func backPressure(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let window = 512
        var items = try await client.stream("suite.count", SuiteCount(n: 5_000), of: Int.self).makeAsyncIterator()
        for expected in 1...10 { try expectEqual(try await items.next(), expected, "the next item") }
        for number in 0..<200 {
            let echo: Int = try await client.send("suite.echo", number)
            try expectEqual(echo, number, "a call beside the stream")
        }
        try expect(probe.produced.value <= 10 + window, "\(probe.produced.value) items made, 10 taken")
        for expected in 11...5_000 {
            try expectEqual(try await items.next(), expected, "the next item")
            let made = probe.produced.value
            try expect(made <= expected + window, "\(made) items made, \(expected) taken")
        }
        try expectEqual(try await items.next(), nil, "the end")
    }

    private static func streamCancel(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        for try await number in try await client.stream("suite.endless", Payload.null, of: Int.self) where number == 3 {
            break
        }
        try await probe.log.eventually("the cancelled maker") { $0.contains("cancelled") }
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
        let reader = Task {
            for try await _ in try await client.stream("suite.endless", Payload.null, of: Int.self) {}
        }
        try await probe.gate.eventuallyHolds(1)
        reader.cancel()
        _ = await reader.result
        try await probe.log.eventually("the second maker") { log in log.filter { $0 == "cancelled" }.count == 2 }
    }

    private static func streamError(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        var seen: [Int] = []
        do {
            let stream = try await client.stream("suite.count", SuiteCount(n: 3, fails: true), of: Int.self)
            for try await number in stream { seen.append(number) }
            throw SuiteFailure("the stream ended without its error")
        } catch let error as TransportError {
            try expectEqual(error.code, "worn_out", "the error's code")
            try expectEqual(error.message, "no more numbers", "the error's message")
        }
        try expectEqual(seen, [1, 2, 3], "the items before the error")
    }

    private static func streamOfOne(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        var seen: [Int] = []
        for try await number in try await client.stream("suite.echo", 7, of: Int.self) { seen.append(number) }
        try expectEqual(seen, [7], "the items")
        do {
            for try await _ in try await client.stream("suite.fail", Payload.null, of: Int.self) {}
            throw SuiteFailure("the stream ended without its error")
        } catch let error as TransportError {
            try expectEqual(error.code, "not_found", "the error's code")
        }
    }

    private static func collected(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        let seen: [Int] = try await client.send("suite.count", SuiteCount(n: 100))
        try expect(seen == Array(1...100), "\(seen.count) items collected")
        let none: [Int] = try await client.send("suite.count", SuiteCount(n: 0))
        try expectEqual(none, [], "an empty stream collected")
        try await expectError(.tooLarge, from: "a stream too long to be collected") { () throws(TransportError) in
            try await client.send("suite.count", SuiteCount(n: 1_000_000), as: Payload.self)
        }
        try await expectError("worn_out", from: "a stream that fails") { () throws(TransportError) in
            try await client.send("suite.count", SuiteCount(n: 3, fails: true), as: Payload.self)
        }
    }

    private static func manyStreams(_ bench: SuiteBench) async throws {
        let (_, client) = try await bench.pair()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in 1...50 {
                group.addTask {
                    let seen = try await numbers(client, SuiteCount(n: count * 5))
                    try expect(seen == Array(1...count * 5), "a stream of \(count * 5): \(seen)")
                }
            }
            try await group.waitForAll()
        }
    }
}
