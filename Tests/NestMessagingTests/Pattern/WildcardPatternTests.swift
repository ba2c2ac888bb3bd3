import Testing

@testable import NestMessaging

@Suite struct WildcardPatternTests {
    private func matches(_ pattern: String, _ name: String) -> Bool {
        var name = name
        return name.withUTF8 { WildcardPattern(Pattern(pattern)).matches(UnsafeRawBufferPointer($0)) }
    }

    @Test(arguments: [
        ("*", "a"), ("a.*", "a.b"), ("*.b", "a.b"), ("a.*.c", "a.b.c"), (">", "a"), (">", "a.b.c"), ("a.>", "a.b"),
        ("a.>", "a.b.c"), ("*.>", "a.b"), ("a.b", "a.b"), ("é.*", "é.ü"),
    ])
    func covers(pattern: String, name: String) { #expect(matches(pattern, name)) }

    @Test(arguments: [
        ("*", "a.b"), ("*", ""), ("a.*", "a"), ("a.*", "a."), ("a.*", "a.b.c"), ("*.b", "a.c"), ("a.>", "a"),
        ("a.>", "a."), ("a.>", "b.c"), ("*.>", "a"), ("a.b", "a.b.c"), ("a.b", "a"), ("a.*.c", "a..c"), ("a.*", "ab"),
    ])
    func doesNotCover(pattern: String, name: String) { #expect(!matches(pattern, name)) }

    @Test(arguments: [
        ("a.b", "a.*"), ("a.*", "a.>"), ("a.*.c", "a.*.*"), ("a.b.>", "a.*.c"), ("a.b.*", "a.b.>"), ("a.*.>", "a.>"),
        ("*.b", ">"),
    ])
    func isMoreSpecific(left: String, right: String) {
        let (left, right) = (WildcardPattern(Pattern(left)), WildcardPattern(Pattern(right)))
        #expect(left.isMoreSpecific(than: right) && !right.isMoreSpecific(than: left))
    }

    @Test func captures() {
        #expect(WildcardPattern.captures(of: "a.*.b.>", in: "a.x.b.y.z") == ["x", "y.z"])
        #expect(WildcardPattern.captures(of: "a.b", in: "a.b") == [])
        #expect(WildcardPattern.captures(of: "*.*", in: "é.ü") == ["é", "ü"])
    }
}
