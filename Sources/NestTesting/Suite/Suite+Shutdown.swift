extension TransportSuite {
    static let shutdown: [TransportCase] = [
        TransportCase("a graceful shutdown finishes what is running and answers it", drain),
        TransportCase("a graceful shutdown waits only so long", drainTimeout),
        TransportCase("a shutdown under load loses no reply", drainUnderLoad),
        TransportCase(
            "events that were not handled wait for the next instance", needs: [.events, .groups, .deadLetters],
            eventsWait),
        TransportCase("closing a client fails its calls, and later ones", closedClient),
        TransportCase("the server is healthy while it runs", health),
    ]

    private static func drain(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        let client = try await bench.client(to: service)
        async let held: String = client.send("suite.hold", "a")
        try await service.probe.gate.eventuallyHolds(1)
        let stop = Task { await service.stop() }
        try await stopping(service, client)
        service.probe.gate.open()
        try expectEqual(try await held, "a", "the call that was running")
        try await within(.seconds(10), "the shutdown") { await stop.value }
        try expectEqual(service.probe.log.value.suffix(2), ["began a", "ended a"], "what the handler did")
    }

    /// Returns once new calls are not served any more.
    private static func stopping(_ service: SuiteService, _ client: ClientProxy) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do throws(TransportError) {
                try await client.send("suite.echo", 1, options: .timeout(.milliseconds(200)))
            } catch {
                return
            }
            try expect(ContinuousClock.now < end, "a service that shuts down goes on taking calls")
        }
    }

    private static func drainTimeout(_ bench: SuiteBench) async throws {
        let service = try await bench.service { $0.shutdownTimeout = .milliseconds(200) }
        let client = try await bench.client(to: service)
        let held = Task { () async -> TransportError? in
            do throws(TransportError) {
                let _: String = try await client.send("suite.hold", "a", options: .timeout(.seconds(30)))
                return nil
            } catch {
                return error
            }
        }
        try await service.probe.gate.eventuallyHolds(1)
        try await within(.seconds(10), "a shutdown with a handler that does not end") { await service.stop() }
        let error = try await within(.seconds(10), "the caller of that handler") { await held.value }
        let codes: [TransportError.Code?] = [.disconnected, .cancelled]
        try expect(codes.contains(error?.code), "the caller got \(String(describing: error))")
    }

    /// Every call ends as a reply or as an error that says it was not served; and what was begun was answered.
    private static func drainUnderLoad(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        let client = try await bench.client(to: service)
        let replies = Watched<[Int]>([])
        let errors = Watched<[TransportError.Code]>([])
        let callers = Task {
            await withDiscardingTaskGroup { group in
                for caller in 0..<20 { group.addTask { await callUntilRefused(caller, client, replies, errors) } }
            }
        }
        try await replies.eventually("the first replies") { $0.count >= 200 }
        try await within(.seconds(20), "the shutdown") { await service.stop() }
        try await within(.seconds(20), "the callers") { await callers.value }
        let handled = service.probe.log.value.count
        try expectEqual(replies.value.count, handled, "replies to \(handled) calls that were handled")
        let allowed: Set<TransportError.Code> = [.disconnected, .noResponders, .overloaded, .timeout]
        try expect(Set(errors.value).isSubset(of: allowed), "callers got \(Set(errors.value))")
    }

    private static func callUntilRefused(
        _ caller: Int, _ client: ClientProxy, _ replies: Watched<[Int]>, _ errors: Watched<[TransportError.Code]>
    ) async {
        for number in 0... {
            do throws(TransportError) {
                try await client.send("suite.note", "\(caller).\(number)", options: .timeout(.seconds(2)))
                replies.append(number)
            } catch {
                return errors.append(error.code)
            }
        }
    }

    private static func eventsWait(_ bench: SuiteBench) async throws {
        let log = Watched<[String]>([])
        let first = try await bench.service(SuiteProbe("a", log: log)) { $0.maxInFlight = 1 }
        let client = try await bench.client(to: first)
        for number in 0..<20 { try await client.emit("kept.held", "\(number)") }
        try await first.probe.gate.eventuallyHolds(1)
        let stop = Task { await first.stop() }
        first.probe.gate.open()
        await stop.value
        _ = try await bench.service(SuiteProbe("b", log: log, gate: Gate(isOpen: true)))
        let expected = Set((0..<20).map { "ended \($0)" })
        try await log.eventuallyContains(expected, "every event")
        try expectEqual(log.value.filter { $0.hasPrefix("ended") }.count, 20, "deliveries")
    }

    private static func closedClient(_ bench: SuiteBench) async throws {
        let (probe, client) = try await bench.pair()
        let held = Task { () async -> TransportError? in
            do throws(TransportError) {
                let _: String = try await client.send("suite.hold", "a")
                return nil
            } catch {
                return error
            }
        }
        try await probe.gate.eventuallyHolds(1)
        await client.close()
        let error = try await within(.seconds(5), "the call of a closed client") { await held.value }
        try expectEqual(error?.code, .closed, "what the call gets")
        try await expectError(.closed, from: "a later call") { () throws(TransportError) in
            try await client.send("suite.echo", 1, as: Int.self)
        }
        try await expectError(.closed, from: "a later event") { () throws(TransportError) in
            try await client.emit("suite.created", "x")
        }
    }

    private static func health(_ bench: SuiteBench) async throws {
        let service = try await bench.service()
        let client = try await bench.client(to: service)
        try await client.connect()
        let states = await service.app.health().values.map(\.state)
        try expectEqual(states, [.up], "the server's health")
        let health = await client.health()
        try expect(health.state != .down, "the client's health: \(health)")
        await service.stop()
    }
}
