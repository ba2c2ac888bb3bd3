extension TransportSuite {
    static let faults: [TransportCase] = [
        TransportCase("a killed server's callers get an error at once", killedServer),
        TransportCase("when a server is back, the same client works", serverBack),
        TransportCase("a cut connection fails its calls, and the next one works", needsCut: true, cutConnection),
        TransportCase("a cut connection ends a stream with an error", needs: .streaming, needsCut: true, cutStream),
        TransportCase("without a server a call fails in time", noServer),
    ]

    private static let gone: [TransportError.Code] = [.disconnected, .noResponders, .timeout]

    /// Calls `suite.hold` so many times; what each call came to.
    private static func heldCalls(_ count: Int, _ client: ClientProxy) -> Task<[TransportError.Code?], Never> {
        Task {
            await withTaskGroup(of: TransportError.Code?.self) { group in
                for number in 0..<count {
                    group.addTask {
                        do throws(TransportError) {
                            let _: String = try await client.send(
                                "suite.hold", "\(number)", options: .timeout(.seconds(30)))
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    private static func killedServer(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        let client = try await bench.client(to: service)
        let calls = heldCalls(100, client)
        try await service.probe.gate.eventuallyHolds(100)
        let begin = ContinuousClock.now
        let kill = Task { await service.kill() }
        let codes = try await within(.seconds(10), "the callers of a killed server") { await calls.value }
        let taken = ContinuousClock.now - begin
        await kill.value
        try expect(
            codes.allSatisfy { $0 == .disconnected },
            "callers got \(Set(codes.map { $0?.rawValue ?? "a reply" }))")
        try expect(taken < .seconds(2), "callers waited \(taken)")
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
    }

    private static func serverBack(_ bench: SuiteBench) async throws {
        let first = try await bench.service(SuiteProbe("first"))
        let client = try await bench.client(to: first)
        let before: String = try await client.send("suite.whoami", Payload.null)
        try expectEqual(before, "first", "who answers at first")
        await first.kill()
        let error = try await expectError("a call to nobody") { () throws(TransportError) in
            try await client.send("suite.whoami", Payload.null, as: String.self, options: .timeout(.milliseconds(500)))
        }
        try expect(gone.contains(error.code), "a call to nobody got \(error)")
        _ = try await bench.service(SuiteProbe("second"), at: first.endpoint)
        try expectEqual(try await firstAnswer(client), "second", "who answers then")
    }

    /// A client may be waiting before it connects again; every call that comes too early says so.
    private static func firstAnswer(_ client: ClientProxy) async throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            do throws(TransportError) {
                return try await client.send("suite.whoami", Payload.null)
            } catch {
                guard gone.contains(error.code), ContinuousClock.now < end else { throw error }
            }
        }
    }

    private static func cutConnection(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        let client = try await bench.client(to: service)
        let calls = heldCalls(50, client)
        try await service.probe.gate.eventuallyHolds(50)
        try await bench.stage.cut()
        let codes = try await within(.seconds(10), "the callers of a cut connection") { await calls.value }
        try expect(
            codes.allSatisfy { $0 == .disconnected }, "callers got \(Set(codes.map { $0?.rawValue ?? "a reply" }))")
        try expectEqual(try await firstAnswer(client), service.probe.instance, "who answers then")
        try expectEqual(try await bench.pending(of: client), 0, "calls that wait afterwards")
    }

    private static func cutStream(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        var items = try await client.stream("suite.endless", Payload.null, of: Int.self).makeAsyncIterator()
        for expected in 1...3 { try expectEqual(try await items.next(), expected, "the next item") }
        try await probe.gate.eventuallyHolds(1)
        try await bench.stage.cut()
        do throws(TransportError) {
            let next = try await items.next()
            throw TransportError("no_error", "the stream went on with \(String(describing: next))")
        } catch {
            try expectEqual(error.code, .disconnected, "what the reader gets: \(error)")
        }
        try await probe.log.eventually("the cancelled maker") { $0.contains("cancelled") }
    }

    private static func noServer(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        await service.stop()
        let client = try await bench.client(to: service)
        let begin = ContinuousClock.now
        let error = try await expectError("a call to nobody") { () throws(TransportError) in
            try await client.send("suite.echo", 1, as: Int.self, options: .timeout(.milliseconds(300)))
        }
        try expect(gone.contains(error.code), "a call to nobody got \(error)")
        try expect(ContinuousClock.now - begin < .seconds(3), "it took \(ContinuousClock.now - begin)")
    }
}
