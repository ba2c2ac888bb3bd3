import NestMessaging
import Testing

@Suite struct RouteTableTests {
    private func best(_ table: RouteTable<String>, _ name: String) -> String? {
        var name = name
        return name.withUTF8 { table.best(UnsafeRawBufferPointer($0)) }
    }

    @Test func exactNamesComeFirstThenTheMostSpecificWildcard() {
        let table = RouteTable(
            exact: ["a.b": "exact"], wildcards: [("a.>", "rest"), ("a.*", "one"), (">", "all"), ("a.*.c", "middle")])
        #expect(best(table, "a.b") == "exact")
        #expect(best(table, "a.x") == "one")
        #expect(best(table, "a.x.c") == "middle")
        #expect(best(table, "a.x.y") == "rest")
        #expect(best(table, "b") == "all")
        #expect(best(table, "") == nil)
    }

    @Test func manyNames() {
        let names = (0..<2_000).map { "service.\($0).handler" }
        let table = RouteTable(exact: Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }), wildcards: [])
        for name in names { #expect(best(table, name) == name) }
        #expect(best(table, "service.2000.handler") == nil && best(table, "service.1.handle") == nil)
    }

    /// However they are written down, and whatever others stand between them.
    @Test func theOrderOfDeclarationDoesNotMatter() {
        let patterns: [Pattern] = ["a.>", "b.*", "a.*", ">", "c.*.d", "*.b", "a.*.c", "b.>", "*.>"]
        for _ in 0..<100 {
            let table = RouteTable(exact: [:], wildcards: patterns.shuffled().map { ($0, $0.name) })
            #expect(best(table, "a.b") == "a.*" && best(table, "a.b.c") == "a.*.c" && best(table, "a.b.d") == "a.>")
            #expect(best(table, "b.x") == "b.*" && best(table, "x.b") == "*.b" && best(table, "x.y") == "*.>")
            #expect(best(table, "x") == ">")
        }
    }

    @Test func anEmptyTableKnowsNothing() {
        #expect(best(RouteTable(exact: [:], wildcards: []), "a") == nil)
    }

    @Test func everyWildcardThatCovers() {
        let table = RouteTable(exact: [:], wildcards: [("a.>", "rest"), ("b.*", "other"), ("a.*", "one")])
        var name = "a.b"
        #expect(name.withUTF8 { table.covering(UnsafeRawBufferPointer($0)) } == ["one", "rest"])
    }
}
