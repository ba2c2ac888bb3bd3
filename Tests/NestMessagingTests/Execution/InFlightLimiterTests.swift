import NestMessaging
import NestTesting
import Testing

@Suite struct InFlightLimiterTests {
    @Test func placesAreTakenAndGivenBack() {
        let limiter = InFlightLimiter(limit: 2)
        #expect(limiter.tryAcquire() && limiter.tryAcquire() && !limiter.tryAcquire())
        #expect(limiter.count == 2)
        limiter.release()
        #expect(limiter.tryAcquire() && !limiter.tryAcquire())
    }

    /// Each place given back goes to one of those who wait, in the order they came.
    @Test func thoseWhoWaitAreServedInTurn() {
        let limiter = InFlightLimiter(limit: 2)
        let called = Watched<[Int]>([])
        #expect(limiter.tryAcquire() && limiter.tryAcquire())
        for number in 1...3 { limiter.whenAvailable { called.append(number) } }
        #expect(called.value == [])
        limiter.release()
        #expect(called.value == [1] && limiter.count == 2)
        limiter.release()
        #expect(called.value == [1, 2] && limiter.count == 2)
        limiter.release()
        #expect(called.value == [1, 2, 3] && limiter.count == 2)
        limiter.release()
        #expect(called.value == [1, 2, 3] && limiter.count == 1 && limiter.tryAcquire())
    }

    @Test func nobodyOvertakesThoseWhoWait() {
        let limiter = InFlightLimiter(limit: 1)
        let overtook = Watched<[Bool]>([])
        #expect(limiter.tryAcquire())
        limiter.whenAvailable {
            overtook.append(limiter.tryAcquire())
            limiter.release()
            overtook.append(limiter.tryAcquire())
        }
        limiter.whenAvailable {}
        limiter.release()
        #expect(overtook.value == [false, false] && limiter.count == 1)
    }

    /// However many there are: giving up a place inside the call is no recursion.
    @Test func whoGivesItsPlaceUpPassesItOn() {
        let limiter = InFlightLimiter(limit: 1)
        let called = Watched(0)
        #expect(limiter.tryAcquire())
        for _ in 0..<100_000 { limiter.whenAvailable { limiter.release() } }
        limiter.whenAvailable { called.increment() }
        limiter.release()
        #expect(called.value == 1 && limiter.count == 1)
    }

    @Test func whoFindsRoomIsCalledAtOnce() {
        let called = Watched(0)
        let limiter = InFlightLimiter(limit: 1)
        limiter.whenAvailable { called.increment() }
        #expect(called.value == 1 && !limiter.tryAcquire())
    }

    @Test func aLimitIsAtLeastOne() { #expect(InFlightLimiter(limit: 0).tryAcquire()) }

    @Test func manyAtOnceNeverExceedTheLimitAndNobodyIsForgotten() async {
        let limiter = InFlightLimiter(limit: 3)
        let most = Watched(0)
        let done = Watched(0)
        await withDiscardingTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    if !limiter.tryAcquire() {
                        await withCheckedContinuation { continuation in limiter.whenAvailable { continuation.resume() }
                        }
                    }
                    most.update { $0 = max($0, limiter.count) }
                    await Task.yield()
                    limiter.release()
                    done.increment()
                }
            }
        }
        #expect(done.value == 500 && limiter.count == 0 && most.value <= 3)
    }
}
