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

    @Test func thoseWhoWaitAreCalledOnce() {
        let limiter = InFlightLimiter(limit: 1)
        let called = Watched(0)
        #expect(limiter.tryAcquire())
        limiter.whenAvailable { called.increment() }
        limiter.whenAvailable { called.increment() }
        #expect(called.value == 0)
        limiter.release()
        #expect(called.value == 2)
        #expect(limiter.tryAcquire())
        limiter.release()
        #expect(called.value == 2)
    }

    @Test func whoFindsRoomIsCalledAtOnce() {
        let called = Watched(0)
        InFlightLimiter(limit: 1).whenAvailable { called.increment() }
        #expect(called.value == 1)
    }

    @Test func aLimitIsAtLeastOne() { #expect(InFlightLimiter(limit: 0).tryAcquire()) }

    @Test func manyAtOnceNeverExceedTheLimitAndNobodyIsForgotten() async {
        let limiter = InFlightLimiter(limit: 3)
        let most = Watched(0)
        let done = Watched(0)
        await withDiscardingTaskGroup { group in
            for _ in 0..<500 {
                group.addTask {
                    while !limiter.tryAcquire() {
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
        #expect(done.value == 500 && limiter.count == 0)
    }
}
