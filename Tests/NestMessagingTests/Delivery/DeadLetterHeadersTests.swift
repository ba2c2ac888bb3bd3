import Testing

@testable import NestMessaging

@Suite struct DeadLetterHeadersTests {
    @Test func provenance() {
        let letter = DeadLetter(.maxAttempts, TransportError(.internal, "internal error", cause: CancellationError()))
        let headers = letter.headers(
            adding: ["tenant": "a", "nest-attempt": "1"], source: "events:audit", attempt: 5,
            date: "2026-01-01T00:00:00Z")
        let expected: MessageHeaders = [
            "tenant": "a", "nest-attempt": "5", "nest-dead-reason": "max_attempts",
            "nest-dead-error": "internal: internal error", "nest-dead-source": "events:audit",
            "nest-dead-at": "2026-01-01T00:00:00Z",
        ]
        #expect(Set(headers) == Set(expected))
    }

    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"), (951_782_399, 7, "2000-02-28T23:59:59.007Z"),
        (951_782_400, 0, "2000-02-29T00:00:00.000Z"), (1_772_366_400, 250, "2026-03-01T12:00:00.250Z"),
        (4_107_542_399, 999, "2100-02-28T23:59:59.999Z"), (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
        (-1, 0, "1969-12-31T23:59:59.000Z"),
    ])
    func timestamps(seconds: Int, milliseconds: Int, text: String) {
        #expect(WallClock.timestamp(secondsSince1970: seconds, milliseconds: milliseconds) == text)
    }

    @Test func nowIsInThisCentury() {
        let now = WallClock.timestamp()
        #expect(now.count == 24 && now.hasPrefix("20") && now.hasSuffix("Z"))
    }
}
