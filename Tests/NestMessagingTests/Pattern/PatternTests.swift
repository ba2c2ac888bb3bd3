import Testing

@testable import NestMessaging

@Suite struct PatternTests {
    @Test(arguments: ["a", "orders.create", "*", ">", "a.*.b", "a.>", "*.>", #"{"cmd":"sum"}"#, "a-b_c.1", "a b"])
    func goodPatterns(name: String) { #expect(Pattern(name).problem == nil) }

    @Test(arguments: [
        ("", "empty"), (".", "empty token"), ("a.", "empty token"), (".a", "empty token"), ("a..b", "empty token"),
        (">.a", "last"), ("a.>.b", "last"), ("a*.b", "whole token"), ("a.b>", "whole token"), ("a.**", "whole token"),
    ])
    func badPatterns(name: String, word: String) throws {
        let problem = try #require(Pattern(name).problem)
        #expect(problem.contains(word), "\(problem)")
    }

    @Test(arguments: ["a", "orders.create", "a-b_c.1", "a b", "é.ü", #"{"cmd":"*..>"}"#])
    func patternsThatCanBeSentTo(name: String) { #expect(Pattern(name).addressProblem == nil) }

    @Test(arguments: [
        ("", "empty"), (".", "empty token"), ("a.", "empty token"), ("a..b", "empty token"), ("a.*", "wildcards"),
        (">", "wildcards"), ("a.*.b", "wildcards"), ("a*", "whole token"), ("a{.*", "wildcards"),
    ])
    func patternsThatCannotBeSentTo(name: String, word: String) throws {
        let problem = try #require(Pattern(name).addressProblem)
        #expect(problem.contains(word), "\(problem)")
    }

    @Test func patternsThatAreSentAreBounded() {
        #expect(Pattern(String(repeating: "a", count: 512)).addressProblem == nil)
        #expect(Pattern(String(repeating: "a", count: 513)).addressProblem?.contains("512 bytes") == true)
        #expect(Pattern("{" + String(repeating: "a", count: 512)).addressProblem != nil)
    }

    @Test func wildcardsAreKnown() {
        #expect(Pattern("a.*").hasWildcards && Pattern(">").hasWildcards)
        #expect(!Pattern("a.b").hasWildcards && !Pattern(#"{"a":"*"}"#).hasWildcards)
    }

    @Test func objectPatternsAreNamedAsNestJSNamesThem() {
        let cases: [(Pattern, String)] = [
            (["cmd": "sum"], #"{"cmd":"sum"}"#),
            (["b": 1, "a": true, "c": nil, "d": 1.5], #"{"a":true,"b":1,"c":null,"d":1.5}"#),
            (["B": 1, "a": 2, "A": 3], #"{"a":2,"A":3,"B":1}"#),
            (["x": ["z": 1, "y": 2]], #"{"x":{"y":2,"z":1}}"#),
            (["list": ["q", 2]], #"{"list":{"0":"q","1":2}}"#),
            (["text": "a\"b\\c"], #"{"text":"a\"b\\c"}"#),
            ([:], "{}"),
        ]
        for (pattern, name) in cases { #expect(pattern.name == name) }
    }

    @Test func objectPatternsAreBounded() {
        let deep: Pattern = ["1": ["2": ["3": ["4": ["5": ["6": 1]]]]]]
        #expect(deep.name == #"{"1":{"2":{"3":{"4":{"5":"[MAX_DEPTH_REACHED]"}}}}}"#)
        let wide = PatternValue.object((0...20).map { ("k\($0)", .integer($0)) })
        #expect(wide.text == #""[TOO_MANY_KEYS]""#)
    }
}
