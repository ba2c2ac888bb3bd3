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

    @Test func theLoopIsToldOnceAndRedisBeginsAfterSome() {
        #expect(answers(to: 17) == "f" + String(repeating: "q", count: 14) + "ee")
        #expect(output.take(unanswered: 0)?.expected.count == 17)
        #expect(output.take(unanswered: 17) == nil)
        #expect(answers(to: 2) == "fq")
    }

    @Test func ofManyThatAreUnansweredAQuarterIsAWrite() {
        #expect(answers(to: 16).last == "e")
        #expect(output.take(unanswered: 240) != nil)
        #expect(answers(to: 64) == "f" + String(repeating: "q", count: 62) + "e")
    }

    @Test func aClosedOneRefuses() {
        #expect(answers(to: 3) == "fqq")
        #expect(output.close(TransportError(.closed, "over")).count == 3)
        #expect(answers(to: 1) == "r")
        #expect(output.take(unanswered: 0) == nil)
    }
}
