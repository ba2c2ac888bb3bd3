import NIOCore
import Testing

@testable import NestMessaging

/// When a loop spins for what may come.
@Suite struct SpinWorthTests {
    private static let limit = TimeAmount.microseconds(75)

    /// A side that sends as soon as something came, and how long it waits for the next.
    private struct Exchange {
        var worth = SpinWorth(limit: limit)
        var now = NIODeadline.uptimeNanoseconds(SpinWorth.period * 1_000)

        /// Goes on for `time`. Which share of what it sent it stayed awake after.
        mutating func run(
            for time: TimeAmount, waits: (_ awake: Bool) -> TimeAmount, bytes: (_ awake: Bool) -> Int = { _ in 100 }
        ) -> Double {
            let end = now + time
            var (all, awake) = (0.0, 0.0)
            while now < end {
                let until = worth.sent(at: now)
                if let until { #expect(until == now + limit) }
                all += 1
                if until != nil { awake += 1 }
                now = now + waits(until != nil)
                worth.came(bytes(until != nil), at: now)
            }
            return awake / all
        }
    }

    @Test func aNewExchangeSleepsUntilItIsTried() {
        var exchange = Exchange()
        exchange.now = exchange.now + .milliseconds(20)
        #expect(exchange.run(for: .milliseconds(170)) { $0 ? .microseconds(60) : .microseconds(150) } == 0)
        _ = exchange.run(for: .milliseconds(30)) { $0 ? .microseconds(60) : .microseconds(150) }
        #expect(exchange.run(for: .milliseconds(170)) { $0 ? .microseconds(60) : .microseconds(150) } == 1)
    }

    @Test func itIsDoneWhereItIsFaster() {
        var exchange = Exchange()
        _ = exchange.run(for: .seconds(4)) { $0 ? .microseconds(60) : .microseconds(150) }
        let share = exchange.run(for: .seconds(4)) { $0 ? .microseconds(60) : .microseconds(150) }
        #expect(share > 0.9)
    }

    /// Others come as often as before: only a processor would be spent.
    @Test func itIsTriedNowAndThenWhereItMakesNoDifference() {
        var exchange = Exchange()
        _ = exchange.run(for: .seconds(4)) { _ in .microseconds(150) }
        let share = exchange.run(for: .seconds(4)) { _ in .microseconds(150) }
        #expect(share > 0.03 && share < 0.1)
    }

    @Test func itIsTriedNowAndThenWhereItIsSlower() {
        var exchange = Exchange()
        _ = exchange.run(for: .seconds(4)) { $0 ? .microseconds(150) : .microseconds(60) }
        let share = exchange.run(for: .seconds(4)) { $0 ? .microseconds(150) : .microseconds(60) }
        #expect(share < 0.05)
    }

    /// Larger reads bring as much as more of them.
    @Test func bytesCount() {
        var exchange = Exchange()
        _ = exchange.run(for: .seconds(4), waits: { _ in .microseconds(60) }, bytes: { $0 ? 100 : 300 })
        let share = exchange.run(for: .seconds(4), waits: { _ in .microseconds(60) }, bytes: { $0 ? 100 : 300 })
        #expect(share < 0.1)
    }

    @Test func itIsFoundAgainWhenItHasBecomeFaster() {
        var exchange = Exchange()
        _ = exchange.run(for: .seconds(4)) { $0 ? .microseconds(150) : .microseconds(60) }
        _ = exchange.run(for: .seconds(4)) { $0 ? .microseconds(60) : .microseconds(150) }
        let share = exchange.run(for: .seconds(2)) { $0 ? .microseconds(60) : .microseconds(150) }
        #expect(share > 0.9)
    }

    @Test func whoHearsSeldomSleeps() {
        var exchange = Exchange()
        #expect(exchange.run(for: .seconds(4)) { _ in .milliseconds(2) } == 0)
        // And begins with the second of a brisk exchange.
        #expect(exchange.worth.sent(at: exchange.now) == nil)
        exchange.now = exchange.now + .microseconds(50)
        exchange.worth.came(1, at: exchange.now)
        #expect(exchange.worth.sent(at: exchange.now) != nil)
    }
}
