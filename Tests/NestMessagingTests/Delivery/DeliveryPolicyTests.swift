import NestMessaging
import Testing

@Suite struct DeliveryPolicyTests {
    @Test func exponentialGrowsUpToItsLimit() {
        let backoff = DeliveryPolicy.Backoff.exponential(initial: .seconds(1), limit: .seconds(5))
        let delays = (1...6).map { backoff.delay(after: $0) }
        #expect(delays == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5), .seconds(5)])
        #expect(backoff.distinctDelays == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
    }

    @Test func theLastStepIsRepeated() {
        let backoff = DeliveryPolicy.Backoff([.milliseconds(1), .seconds(1)])
        #expect(backoff.delay(after: 0) == .milliseconds(1) && backoff.delay(after: 1) == .milliseconds(1))
        #expect(backoff.delay(after: 2) == .seconds(1) && backoff.delay(after: 99) == .seconds(1))
    }

    @Test func oddValues() {
        #expect(DeliveryPolicy.Backoff([]).delay(after: 1) == .zero)
        #expect(DeliveryPolicy.Backoff([.seconds(-1)]).delay(after: 1) == .zero)
        #expect(DeliveryPolicy.Backoff.constant(.seconds(3)).distinctDelays == [.seconds(3)])
        #expect(DeliveryPolicy.Backoff.exponential(initial: .zero).delay(after: 5) == .zero)
        #expect(
            DeliveryPolicy.Backoff.exponential(initial: .seconds(9), limit: .seconds(2)).delay(after: 1) == .seconds(2))
        #expect(DeliveryPolicy(maxAttempts: 0).maxAttempts == 1)
    }
}
