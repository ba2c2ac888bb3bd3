import NestNats
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: NatsBroker.isExpected, "nats-server is not installed"))
struct NatsOutageTests {
    private struct Scene {
        let broker: NatsBroker
        let service: NatsService
        let client: ClientProxy

        func close() async {
            await client.close()
            await service.stop()
        }
    }

    private func scene(_ configure: (inout NatsOptions) -> Void = { _ in }) async throws -> Scene {
        let broker = try await NatsBroker.started()
        var options = NatsOptions.test(broker.url)
        configure(&options)
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        try await client.connect()
        return Scene(broker: broker, service: service, client: client)
    }

    /// Comes back without being touched: the client's calls, and the service's subscriptions.
    private func answered(_ client: ClientProxy, within limit: Duration = .seconds(10)) async throws {
        let end = ContinuousClock.now + limit
        while true {
            do throws(TransportError) {
                let reply: Int = try await client.send("test.echo", 1)
                return #expect(reply == 1)
            } catch {
                guard [.disconnected, .noResponders].contains(error.code), ContinuousClock.now < end else {
                    throw error
                }
                await Task.yield()
            }
        }
    }

    @Test func killedBrokerFailsCallsAtOnceAndComesBack() async throws {
        let scene = try await scene()
        for round in 1...3 {
            let calls = HeldCalls(100, of: "test.hold", by: scene.client)
            try await scene.service.probe.gate.eventuallyHolds(100)
            let begin = ContinuousClock.now
            await scene.broker.process.kill()
            let codes = await calls.codes
            #expect(ContinuousClock.now - begin < .seconds(1))
            #expect(codes.allSatisfy { $0 == .disconnected }, "round \(round): \(codes)")
            while await scene.client.health().state != .down { await Task.yield() }
            #expect(await scene.client.health().details["pending"] == "0")

            let now = ContinuousClock.now
            await #expect(throws: TransportError.self) { try await scene.client.send("test.echo", 1) }
            #expect(ContinuousClock.now - now < .milliseconds(200))
            while await scene.service.health()?.state != .down { await Task.yield() }

            try await scene.broker.process.start()
            try await answered(scene.client)
            #expect(await scene.client.health().state == .up)
            scene.service.probe.gate.open()
            while scene.service.probe.gate.waiting > 0 { await Task.yield() }
            scene.service.probe.gate.close()
        }
        await scene.close()
    }

    /// Kills the broker; returns when the client knows.
    private func outage(_ scene: Scene) async {
        await scene.broker.process.kill()
        while await scene.client.health().state != .down { await Task.yield() }
    }

    @Test func eventsWaitForTheConnection() async throws {
        let scene = try await scene()
        await outage(scene)
        let events = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        try await scene.client.emit("test.noted", "\(number)", options: .timeout(.seconds(20)))
                    }
                }
                try await group.waitForAll()
            }
        }
        let begin = ContinuousClock.now
        do throws(TransportError) {
            try await scene.client.emit("test.noted", "late", options: .timeout(.milliseconds(200)))
            Issue.record("it was sent")
        } catch {
            #expect(error.code == .disconnected)
            #expect(ContinuousClock.now - begin >= .milliseconds(190))
        }
        try await scene.broker.process.start()
        try await events.value
        #expect(await scene.client.health().state == .up)
        await scene.close()
    }

    @Test func eventsThatWaitAreBounded() async throws {
        let scene = try await scene { $0.maxBufferedBytes = 10_000 }
        await outage(scene)
        let text = String(repeating: "x", count: 4_000)
        let codes = await withTaskGroup(of: TransportError.Code?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do throws(TransportError) {
                        try await scene.client.emit("test.noted", text, options: .timeout(.milliseconds(500)))
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == .overloaded } == 3)
        #expect(codes.count { $0 == .disconnected } == 2)
        await scene.close()
    }

    @Test func killedUnderLoad() async throws {
        let scene = try await scene()
        let counts = Watched((replies: 0, errors: [TransportError.Code: Int]()))
        let callers = Task {
            await withDiscardingTaskGroup { group in
                for _ in 0..<32 {
                    group.addTask {
                        while !Task.isCancelled {
                            do throws(TransportError) {
                                let pattern: Pattern = Bool.random() ? "test.echo" : "test.later"
                                let _: Int = try await scene.client.send(pattern, 1, options: .timeout(.seconds(5)))
                                counts.update { $0.replies += 1 }
                            } catch {
                                counts.update { $0.errors[error.code, default: 0] += 1 }
                                await Task.yield()
                            }
                        }
                    }
                }
            }
        }
        for _ in 0..<3 {
            let before = counts.value.replies
            try await counts.eventually("replies") { $0.replies > before + 500 }
            await scene.broker.process.kill()
            let errors = counts.value.errors[.disconnected] ?? 0
            try await counts.eventually("errors") { ($0.errors[.disconnected] ?? 0) > errors }
            try await scene.broker.process.start()
        }
        let before = counts.value.replies
        try await counts.eventually("replies in the end") { $0.replies > before + 500 }
        callers.cancel()
        await callers.value
        let codes = Set(counts.value.errors.keys)
        #expect(codes.isSubset(of: [.disconnected, .noResponders, .cancelled, .timeout]), "\(codes)")
        #expect(await scene.client.health().details["pending"] == "0")
        await scene.close()
    }

    @Test func nextServerOfTheList() async throws {
        let first = try await NatsBroker.started()
        let second = try await NatsBroker.started()
        let options = {
            var options = NatsOptions.test(first.url); options.servers.append(second.url); return options
        }()
        let service = try await NatsService.start(options)
        let client = try ClientProxy.nats(options)
        try await answered(client)
        await first.process.kill()
        try await answered(client)
        #expect(await client.health().details["server"] == second.url)
        await client.close()
        await service.stop()
    }

    /// Only the service is cut off: its callers still wait, and get what its handlers came to meanwhile.
    @Test func answersWaitForTheConnection() async throws {
        let broker = try await NatsBroker.started()
        let proxy = FaultProxy(to: Endpoint(scheme: "tcp", location: .host("127.0.0.1", port: broker.port)))
        let options = NatsOptions.test(broker.url)
        var behind = options
        behind.servers = ["nats://127.0.0.1:\(try await proxy.start())"]
        let service = try await NatsService.start(behind)
        let client = try ClientProxy.nats(options)
        try await client.connect()
        let calls = HeldCalls(10, of: "test.hold", by: client)
        try await service.probe.gate.eventuallyHolds(10)
        try await proxy.set(.refuse)
        try await proxy.cut()
        while await service.health()?.state != .down { await Task.yield() }
        service.probe.gate.open()
        while service.probe.gate.waiting > 0 { await Task.yield() }
        try await proxy.set(.pass)
        let codes = try await within(.seconds(10), "the answers") { await calls.codes }
        #expect(codes == Array(repeating: nil, count: 10))
        await client.close()
        await service.stop()
        try await proxy.close()
    }

    @Test func aSilentServerIsACut() async throws {
        let scene = try await scene { $0.pingInterval = .milliseconds(100) }
        let calls = HeldCalls(3, of: "test.hold", by: scene.client)
        try await scene.service.probe.gate.eventuallyHolds(3)
        scene.broker.process.pause()
        let codes = try await within(.seconds(5), "the callers of a silent server") { await calls.codes }
        #expect(codes == [.disconnected, .disconnected, .disconnected])
        scene.broker.process.resume()
        try await answered(scene.client)
        await scene.close()
    }

    @Test func startsWhenTheBrokerComes() async throws {
        let broker = try NatsBroker()
        let options = NatsOptions.test(broker.url)
        let start = Task { try await NatsService.start(options) { $0.startup = .retry(for: .seconds(20)) } }
        let client = try ClientProxy.nats(options)
        await #expect(throws: TransportError.self) { try await client.send("test.echo", 1) }
        try await broker.process.start()
        let service = try await start.value
        try await answered(client)
        await client.close()
        await service.stop()
    }
}
