import NestTesting
import Testing

@Suite struct WatchedTests {
    @Test func waitsForAChange() async throws {
        let numbers = Watched<[Int]>([])
        async let three = numbers.eventually("three numbers") { $0.count == 3 }
        for number in 1...3 { numbers.append(number) }
        #expect(try await three == [1, 2, 3])
    }

    @Test func returnsAtOnceWhatIsThere() async throws {
        #expect(try await Watched(7).wait { $0 == 7 } == 7)
    }

    @Test func theTimeLimitSaysWhatWasSeen() async throws {
        let value = Watched("what is there")
        let error = await #expect(throws: TimeLimitExceeded.self) {
            try await value.eventually(within: .milliseconds(10), "something else") { $0 == "something else" }
        }
        #expect(
            error?.description.contains("something else") == true
                && error?.description.contains("what is there") == true)
    }

    @Test func aListIsWaitedForUntilItHasAll() async throws {
        let list = Watched([1])
        async let all = list.eventuallyContains([1, 2, 3], "one, two and three")
        for number in [3, 3, 7, 2] { list.append(number) }
        #expect(try await all.count >= 5)
        let error = await #expect(throws: TimeLimitExceeded.self) {
            try await list.eventuallyContains([2, 4], within: .milliseconds(10), "four")
        }
        #expect(error?.description.contains("1 are missing, among them [4]") == true)
    }

    @Test func cancellationEndsTheWait() async throws {
        let value = Watched(0)
        let waiter = Task { try await value.wait { $0 == 1 } }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
    }

    @Test func counting() {
        let count = Watched(1)
        #expect(count.increment() == 2)
        count.decrement()
        #expect(count.value == 1)
    }

    @Test func aGateHoldsUntilItIsOpened() async throws {
        let gate = Gate()
        let passed = Watched(0)
        let tasks = (0..<5).map { _ in
            Task {
                try await gate.pass()
                passed.increment()
            }
        }
        try await gate.eventuallyHolds(5)
        #expect(passed.value == 0)
        gate.open()
        for task in tasks { try await task.value }
        try await gate.pass()
        #expect(passed.value == 5 && gate.waiting == 0)
        gate.close()
        let held = Task { try await gate.pass() }
        try await gate.eventuallyHolds(1)
        held.cancel()
        await #expect(throws: CancellationError.self) { try await held.value }
    }

    @Test func aTimeLimitDoesNotWaitForWhoDoesNotListen() async throws {
        let gate = Gate()
        let stubborn = Task { try await gate.pass() }
        await #expect(throws: TimeLimitExceeded.self) {
            try await within(.milliseconds(10), "a body that ignores its cancellation") { _ = await stubborn.result }
        }
        gate.open()
        try await stubborn.value
    }

    @Test func aTimeLimitPassesResultsAndErrorsOn() async throws {
        #expect(try await within(.seconds(60), "quick") { 7 } == 7)
        await #expect(throws: TransportError("x", "y")) {
            try await within(.seconds(60), "quick") { throw TransportError("x", "y") }
        }
    }
}
