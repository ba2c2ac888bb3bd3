extension TransportSuite {
    static let deadlines: [TransportCase] = [
        TransportCase("a call times out in time", timeout),
        TransportCase("calls inside a handler inherit its deadline", nestedDeadline),
        TransportCase("work nobody waits for any more is not begun", expiredWork),
        TransportCase("cancelling a task ends its wait", cancellation),
        TransportCase(
            "10,000 calls with timeouts and cancellations leave nothing behind", timeLimit: .seconds(120), chaos),
    ]

    private static func timeout(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let begin = ContinuousClock.now
        try await expectError(.timeout, from: "a call that is held") { () throws(TransportError) in
            try await client.send("suite.hold", "a", as: String.self, options: .timeout(.milliseconds(100)))
        }
        let taken = ContinuousClock.now - begin
        try expect(taken >= .milliseconds(95) && taken < .seconds(3), "a timeout of 100 ms took \(taken)")
        probe.gate.open()
        let next: String = try await client.send("suite.hold", "b")
        try expectEqual(next, "b", "the next call")
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
    }

    private static func nestedDeadline(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        let inner = try await bench.client(to: service, timeout: .seconds(60))
        service.probe.client.update { $0 = inner }
        let client = try await bench.client(to: service)
        let left: Int = try await client.send("suite.nested", Payload.null, options: .timeout(.seconds(8)))
        try expect(left > 0 && left <= 8_000, "the nested call saw \(left) ms of a caller that waits 8,000")
        let own: Int = try await client.send("suite.timeLeft", Payload.null, options: .timeout(.seconds(20)))
        try expect(own > 8_000 && own <= 20_000, "a call with 20 s saw \(own) ms")
    }

    /// One place only, and it is taken: the second call's time runs out while it waits for it.
    ///
    /// A service counts a call's time from when it comes: it ends there a little later than at the caller, by as much as
    /// the call was under way. The third call gives it that time, without that anybody sleeps: it came later and waits
    /// longer, so what has waited before it has run out everywhere once the third caller gives up.
    private static func expiredWork(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair { $0.maxInFlight = 1 }
        async let first: String = client.send("suite.hold", "first")
        try await probe.gate.eventuallyHolds(1)
        try await expectError(.timeout, from: "a call behind the first") { () throws(TransportError) in
            try await client.send("suite.note", "expired", options: .timeout(.milliseconds(50)))
        }
        try await expectError(.timeout, from: "a call behind both") { () throws(TransportError) in
            try await client.send("suite.note", "later", options: .timeout(.milliseconds(500)))
        }
        probe.gate.open()
        try expectEqual(try await first, "first", "the first call")
        try await client.send("suite.note", "last")
        try await probe.log.eventually("the last note") { $0.contains("last") }
        try expect(!probe.log.value.contains("expired"), "the expired call's handler ran: \(probe.log.value)")
    }

    private static func cancellation(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let call = Task { () async -> TransportError? in
            do throws(TransportError) {
                let _: String = try await client.send("suite.hold", "a")
                return nil
            } catch {
                return error
            }
        }
        try await probe.gate.eventuallyHolds(1)
        call.cancel()
        let error = try await within(.seconds(5), "a cancelled call") { await call.value }
        try expectEqual(error?.code, .cancelled, "what a cancelled call throws")
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
    }

    private static func chaos(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let outcomes = Watched<[TransportError.Code?: Int]>([:])
        await withDiscardingTaskGroup { group in
            for number in 0..<10_000 {
                group.addTask {
                    let outcome = await chaosCall(number, client)
                    outcomes.update { $0[outcome, default: 0] += 1 }
                }
            }
        }
        let seen = outcomes.value
        try expectEqual(seen.values.reduce(0, +), 10_000, "calls that ended")
        let allowed: Set<TransportError.Code?> = [nil, .timeout, .cancelled, .overloaded]
        try expect(Set(seen.keys).isSubset(of: allowed), "calls ended as \(seen)")
        try expect(seen[nil] ?? 0 > 0 && seen[.cancelled] ?? 0 > 0, "calls ended as \(seen)")
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
        probe.gate.open()
        let echo: Int = try await client.send("suite.echo", 1)
        try expectEqual(echo, 1, "the next call")
    }

    /// Most are answered; some are held until their time is over; some are cancelled, at once or a little later.
    private static func chaosCall(_ number: Int, _ client: ClientProxy) async -> TransportError.Code? {
        let isHeld = number % 50 == 0
        let timeout = isHeld ? Duration.milliseconds(Int.random(in: 1...200)) : .seconds(60)
        let call = Task { () async -> TransportError.Code? in
            do throws(TransportError) {
                let pattern: Pattern = isHeld ? "suite.hold" : "suite.echo"
                let _: Payload = try await client.send(pattern, "\(number)", options: .timeout(timeout))
                return nil
            } catch {
                return error.code
            }
        }
        if number % 7 == 0 {
            for _ in 0..<Int.random(in: 0...3) { await Task.yield() }
            call.cancel()
        }
        return await call.value
    }
}
