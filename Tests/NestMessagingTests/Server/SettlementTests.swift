import NestTesting
import Testing

@testable import NestMessaging

@Suite struct SettlementTests {
    private let all: Guarantees = [.events, .retries, .deadLetters]
    private let log = Watched<[String]>([])

    private func settlement(
        _ guarantees: Guarantees,
        _ policy: DeliveryPolicy = DeliveryPolicy(maxAttempts: 3, backoff: .constant(.seconds(1)))
    ) -> Settlement {
        Settlement(transport: "test", guarantees: guarantees, policy: policy, logger: .recorded(log))
    }

    private func event(attempt: Int) -> IncomingMessage {
        .emit("p", headers: ["nest-attempt": "\(attempt)"])
    }

    @Test func aHandlerThatReturns() {
        let settlement = settlement(all)
        #expect(settlement.outcome(of: .payload(.text("1")), .send("p")).line == "reply 1")
        #expect(settlement.outcome(of: .none, .send("p")).line == "reply null")
        #expect(settlement.outcome(of: .none, .emit("p")).line == "done")
        #expect(settlement.outcome(of: .payload(.null), .emit("p")).line == "done")
        #expect(settlement.outcome(of: .response(1), .send("p")).line.hasPrefix("fail internal"))
    }

    @Test func aRequestThatWasRefusedOnPurpose() {
        let outcome = settlement(all).outcome(of: TransportError("not_found", "no"), .send("p"), nil)
        #expect(outcome.line == "fail not_found: no" && log.value.isEmpty)
    }

    @Test func aRequestThatFailedUnexpectedly() {
        #expect(
            settlement(all).outcome(of: Surprise(), .send("p"), nil).line == "fail internal, dead unexpected_failure")
        #expect(settlement([.events]).outcome(of: Surprise(), .send("p"), nil).line == "fail internal: internal error")
        var policy = DeliveryPolicy()
        policy.keepsFailedRequests = false
        #expect(
            settlement(all, policy).outcome(of: Surprise(), .send("p"), nil).line == "fail internal: internal error")
    }

    @Test func theCauseStaysHereAndIsLoggedOnce() {
        guard
            case .replyAndDeadLetter(.failure(let answer), let letter) = settlement(all).outcome(
                of: Surprise(), .send("p"), nil)
        else {
            Issue.record("another outcome")
            return
        }
        #expect(answer.cause == nil && letter.error.cause is Surprise)
        #expect(
            log.value.count == 1 && log.value[0].hasPrefix("error: handler failed") && log.value[0].contains("a secret")
        )
    }

    @Test func aCancelledHandler() {
        #expect(
            settlement([]).outcome(of: CancellationError(), .send("p"), nil).line
                == "fail cancelled: the handler was cancelled")
    }

    @Test func anEventThatFailed() {
        let settlement = settlement(all)
        #expect(settlement.outcome(of: Surprise(), event(attempt: 1), nil).line == "retry 1.0 seconds internal")
        #expect(settlement.outcome(of: TransportError("x", "y"), event(attempt: 2), nil).line == "retry 1.0 seconds x")
        #expect(settlement.outcome(of: Surprise(), event(attempt: 3), nil).line == "dead max_attempts")
        #expect(settlement.outcome(of: Surprise(), event(attempt: 9), nil).line == "dead max_attempts")
    }

    @Test func anEventWhoseBytesDoNotFitIsNotTriedAgain() {
        let error = TransportError(.invalidMessage, "no")
        #expect(settlement(all).outcome(of: error, event(attempt: 1), nil).line == "dead invalid_message")
    }

    @Test func anEventWithoutRetriesOrDeadLetters() {
        #expect(settlement([.events]).outcome(of: Surprise(), event(attempt: 1), nil).line == "done")
        #expect(
            settlement([.events, .deadLetters]).outcome(of: Surprise(), event(attempt: 1), nil).line
                == "dead max_attempts")
        let policy = DeliveryPolicy(maxAttempts: 1, deadLetter: .disabled)
        #expect(settlement(all, policy).outcome(of: Surprise(), event(attempt: 1), nil).line == "done")
    }

    @Test func theBackoffGrowsWithTheAttempts() {
        let settlement = settlement(all, DeliveryPolicy(maxAttempts: 9, backoff: .exponential(initial: .seconds(1))))
        let lines = (1...3).map { settlement.outcome(of: Surprise(), event(attempt: $0), nil).line }
        #expect(lines == ["retry 1.0 seconds internal", "retry 2.0 seconds internal", "retry 4.0 seconds internal"])
    }

    @Test func expiredMessages() {
        #expect(settlement(all).expired(.send("p")).line.hasPrefix("fail timeout"))
        #expect(settlement(all).expired(.emit("p")).line == "done")
    }

    @Test func unknownPatterns() {
        let settlement = settlement(all)
        #expect(settlement.unknown(.send("x")).line == "fail no_handler: no microservice handler for pattern `x`")
        #expect(settlement.unknown(.emit("x")).line == "dead no_handler")
        #expect(settlement.unknown(.emit("y")).line == "dead no_handler")
        #expect(log.value.count == 2, "once for each pattern: \(log.value)")
        #expect(self.settlement([.events]).unknown(.emit("x")).line == "done")
    }

    @Test func withoutDeadLettersNothingIsKept() {
        let settlement = settlement(all, DeliveryPolicy(maxAttempts: 1, deadLetter: .disabled))
        #expect(settlement.unknown(.emit("x")).line == "done")
        #expect(settlement.malformed("why").line == "done")
        #expect(settlement.outcome(of: TransportError(.invalidMessage, "no"), event(attempt: 1), nil).line == "done")
        #expect(settlement.outcome(of: Surprise(), .send("p"), nil).line == "fail internal: internal error")
    }

    @Test func malformedBytes() {
        #expect(settlement(all).malformed("why").line == "dead invalid_message")
        #expect(settlement([]).malformed("why").line == "done")
    }
}
