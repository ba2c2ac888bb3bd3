import NIOCore
import NestMessaging
import Testing

@testable import NestRedis

/// When commands that were put together become a write.
@Suite struct RedisOutputTests {
    private let output = RedisOutput(maxBytes: 1 << 20)

    /// What the output says to each of so many commands: `f`irst, `q`uietly, `e`nough.
    private func answers(to count: Int) -> String {
        (0..<count).map { _ in
            switch output.append(.nothing, { bytes, _ in bytes.writeCommand(["PING"]) }) {
            case .first: "f"
            case .quietly: "q"
            case .enough: "e"
            case .refused: "r"
            }
        }.joined()
    }

    /// Takes what is there, behind so many that are unanswered; how many replies are waited for then.
    private func take(behind unanswered: Int) -> Int? {
        var waiters = RedisWaiters()
        waiters.append([.silent(unanswered)], commands: unanswered)
        return output.take(into: &waiters).map { _ in waiters.count }
    }

    @Test func theLoopIsToldOnceAndRedisBeginsAfterSome() {
        #expect(answers(to: 17) == "f" + String(repeating: "q", count: 14) + "ee")
        #expect(take(behind: 0) == 17)
        #expect(take(behind: 17) == nil)
        #expect(answers(to: 2) == "fq")
    }

    @Test func ofManyThatAreUnansweredAQuarterIsAWrite() {
        #expect(answers(to: 16).last == "e")
        #expect(take(behind: 240) == 256)
        #expect(answers(to: 64) == "f" + String(repeating: "q", count: 62) + "e")
    }

    /// Replies find who waits for them by their order, also between runs that nobody waits for.
    @Test func whoWaitsForWhich() {
        func send(_ expected: RedisExpected, more: Int = 0) { _ = output.append(expected, more: more) { _, _ in } }
        var waiters = RedisWaiters()
        send(.nothing)
        send(.nothing)
        send(.call(7, .sent(isIdle: false)), more: 1)
        #expect(output.take(into: &waiters) != nil)
        send(.nothing)
        send(.call(8, .sent(isIdle: true)))
        #expect(output.take(into: &waiters) != nil)
        #expect(waiters.count == 6)
        let order = (0..<7).map { _ in
            switch waiters.popFirst() {
            case .silent: "-"
            case .call(let id, _): "\(id)"
            case .reply, .later: "r"
            case nil: "."
            }
        }
        #expect(order == ["-", "-", "7", "-", "-", "8", "."])
    }

    /// Up to the first reply that somebody waits for.
    @Test func howMuchCanWait() {
        var waiters = RedisWaiters()
        func idle() -> Int { waiters.idleBytes(upTo: 1_000) }
        #expect(idle() == 0)
        waiters.append([.silent(3), .later { _ in }, .call(1, .sent(isIdle: true))], commands: 5)
        #expect(idle() == 4 * 4 + 22)
        waiters.append([.call(2, .stored), .silent(1)], commands: 2)
        #expect(idle() == 4 * 4 + 22)
        _ = waiters.popFirst()
        #expect(idle() == 3 * 4 + 22)
        for _ in 0..<4 { _ = waiters.popFirst() }
        #expect(idle() == 0)
        _ = waiters.popFirst()
        #expect(idle() == 4)
        #expect(waiters.idleBytes(upTo: 3) == 3)
    }

    @Test func aClosedOneRefuses() {
        #expect(answers(to: 3) == "fqq")
        #expect(output.close(TransportError(.closed, "over")).count == 3)
        #expect(answers(to: 1) == "r")
        #expect(take(behind: 0) == nil)
    }
}
