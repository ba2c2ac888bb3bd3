import Testing

@testable import NestMessaging

@Suite struct ReconnectBackoffTests {
    @Test func waitsDoubleUpToTheLimitAndStartOver() {
        var backoff = ReconnectBackoff(initial: .milliseconds(100), limit: .milliseconds(350))
        for full in [100, 200, 350, 350] {
            let wait = backoff.next()
            #expect(wait >= .milliseconds(full / 2) && wait <= .milliseconds(full))
        }
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(100))
        #expect(backoff.floor >= .milliseconds(50) && backoff.floor <= .milliseconds(100))
    }

    @Test func theLongestWaitsAreNoneTooLong() {
        let longest = Duration.seconds(Int64.max)
        var backoff = ReconnectBackoff(initial: .seconds(1), limit: longest)
        for _ in 0..<200 { #expect(backoff.next() > .zero) }
        #expect(backoff.next() >= longest / 2)
        #expect(ReconnectBackoff(initial: longest, limit: longest).floor >= longest / 2)
    }

    @Test func aCancelledWaitSaysSo() async {
        let waiting = Task { () -> TransportError? in
            do throws(TransportError) {
                try await ReconnectBackoff.wait(.seconds(600))
                return nil
            } catch {
                return error
            }
        }
        waiting.cancel()
        #expect(await waiting.value?.code == .cancelled)
    }
}
