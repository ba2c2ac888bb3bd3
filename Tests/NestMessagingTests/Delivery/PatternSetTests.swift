import NestMessaging
import Testing

@Suite struct PatternSetTests {
    @Test func coversExactNamesAndWildcards() {
        var set = PatternSet(["a.b", "c.*"])
        #expect(set.covers("a.b") && set.covers("c.d") && !set.covers("a.c") && !set.covers("c"))
        set.formUnion(PatternSet(["a.>", "c.*"]))
        #expect(set.covers("a.c") && set.covers("a.b.c"))
        #expect(PatternSet([]).isEmpty && !set.isEmpty && !PatternSet([]).covers("a"))
        let message = IncomingMessage(kind: .emit, pattern: "a.b.c", payload: .null)
        #expect(set.covers(message) && !PatternSet(["a.b"]).covers(message) && !PatternSet([]).covers(message))
    }
}
