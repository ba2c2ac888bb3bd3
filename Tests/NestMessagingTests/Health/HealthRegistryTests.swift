import NestTesting
import Testing

@testable import NestMessaging

@Suite("A health registry") struct HealthRegistryTests {
    private let clock = ManualClock()
    private let log = Watched<[String]>([])

    private func registry(_ indicators: [any HealthIndicator]) -> HealthRegistry {
        HealthRegistry(indicators, logger: .recorded(log), clock: clock)
    }

    @Test("tells of all by their names, the degraded among the available ones")
    func report() async {
        let report = await registry([
            CustomHealth("a") { .up(["k": "v"]) }, CustomHealth("b") { .degraded() }, CustomHealth("c") { .down() },
            CustomHealth("a") { .up() },
        ]).report()
        #expect(report.details == ["a": .up(["k": "v"]), "b": .degraded(), "c": .down(), "a-2": .up()])
        #expect(Set(report.info.keys) == ["a", "b", "a-2"] && Set(report.error.keys) == ["c"])
        #expect(report.status == .error && !report.isAvailable)
    }

    @Test("is ok when there is nothing to ask, and when something works badly")
    func available() async {
        #expect(await registry([]).report().status == .ok)
        #expect(await registry([CustomHealth("a") { .degraded() }]).report().status == .ok)
    }

    @Test("asks once, however many want to know at the same time")
    func flight() async throws {
        let probe = Probe()
        let registry = registry([probe])
        let reports = Watched(0)
        async let all: Void = withDiscardingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    let report = await registry.report()
                    #expect(report.details["probe"] == .up())
                    reports.increment()
                }
            }
        }
        try await probe.gate.eventuallyHolds(1)
        #expect(reports.value == 0)
        probe.gate.open()
        await all
        #expect(probe.asked.value == 1)
    }

    @Test("keeps an answer for a second")
    func cache() async {
        let probe = Probe(isOpen: true)
        let registry = registry([probe])
        _ = await registry.report()
        clock.advance(by: .milliseconds(999))
        _ = await registry.report()
        #expect(probe.asked.value == 1)
        clock.advance(by: .milliseconds(1))
        _ = await registry.report()
        #expect(probe.asked.value == 2)
    }

    @Test("asks all at the same time")
    func concurrent() async throws {
        let probes = [Probe(), Probe(), Probe()]
        let registry = registry(probes)
        async let report = registry.report()
        for probe in probes { try await probe.gate.eventuallyHolds(1) }
        for probe in probes { probe.gate.open() }
        #expect(await report.info.count == 3)
    }

    @Test("waits for nobody longer than two seconds, and cancels him")
    func timeout() async throws {
        let probe = Probe()
        let registry = registry([probe, CustomHealth("quick") { .up() }])
        async let pending = registry.report()
        try await probe.gate.eventuallyHolds(1)
        try await clock.eventuallyHolds(1)
        clock.advance(by: .seconds(2))
        let report = await pending
        #expect(report.details == ["probe": .down(["error": "no answer in 2 s"]), "quick": .up()])
        try await probe.cancelled.eventually("it is cancelled") { $0 == 1 }
    }

    @Test("does not ask again somebody who is late, and asks anew when he is done")
    func late() async throws {
        let stubborn = Stubborn()
        let registry = registry([stubborn])
        async let pending = registry.report()
        try await stubborn.asked.eventually("it is asked") { $0 == 1 }
        try await clock.eventuallyHolds(1)
        clock.advance(by: .seconds(2))
        #expect(await pending.status == .error)
        clock.advance(by: .seconds(60))
        #expect(await registry.report().error.keys.first == "stubborn")
        #expect(stubborn.asked.value == 1)
        stubborn.latch.open()
        // His late answer is not used, so each report is a step towards asking him anew.
        while await registry.report().status == .error { await Task.yield() }
        #expect(stubborn.asked.value == 2)
    }

    @Test("says what was thrown on purpose, and of other errors only what they are")
    func errors() async {
        let report = await registry([
            CustomHealth("broker") { throw TransportError(.disconnected, "gone") },
            CustomHealth("http") { throw HTTPException.serviceUnavailable("closed") },
            CustomHealth("other") { throw Surprise() },
        ]).report()
        #expect(report.error["broker"] == .down(["error": "disconnected: gone"]))
        #expect(report.error["http"] == .down(["error": "closed"]))
        #expect(report.error["other"] == .down(["error": "Surprise"]))
    }

    @Test("logs once that something goes down, and once that it is back")
    func log() async {
        let isUp = Watched(false)
        let registry = registry([CustomHealth("disk") { isUp.value ? .up() : .down(["error": "full"]) }])
        for _ in 0..<3 {
            _ = await registry.report()
            clock.advance(by: .seconds(1))
        }
        isUp.update { $0 = true }
        for _ in 0..<3 {
            _ = await registry.report()
            clock.advance(by: .seconds(1))
        }
        #expect(
            log.value == [
                "warning: a health indicator is down nest.indicator=disk nest.reason=full",
                "info: a health indicator is available again nest.indicator=disk",
            ])
    }
}

/// An indicator that answers when its gate is open.
private struct Probe: HealthIndicator {
    let name = "probe"
    let asked = Watched(0)
    let cancelled = Watched(0)
    let gate: Gate

    init(isOpen: Bool = false) { gate = Gate(isOpen: isOpen) }

    func check() async throws -> HealthStatus {
        asked.increment()
        do {
            try await gate.pass()
            return .up()
        } catch {
            cancelled.increment()
            throw error
        }
    }
}

/// An indicator that does not care whether it is cancelled.
private struct Stubborn: HealthIndicator {
    let name = "stubborn"
    let asked = Watched(0)
    let latch = Latch()

    func check() async -> HealthStatus {
        asked.increment()
        await latch.wait()
        return .up()
    }
}
