import Testing

@Suite("Patterns used wrongly") struct PatternProblemTests {
    @Test("wants one handler for a request")
    func duplicates() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a") func a() {}
                @MessagePattern(#"a"#) func b() {}
                @MessagePattern(["cmd": "sum", "v": 2]) func c() {}
                @MessagePattern(["v":2, "cmd":"sum"]) func d() {}
                @MessagePattern(Create.self) func e() -> Int {}
                @MessagePattern(Create.pattern) func f() -> Int {}
                @EventPattern("a") func g() {}
                @EventPattern("a") func h() {}
            }
            """,
            reports: [
                #"3:5 error: `Orders` has a handler for "a" already, and a request has one answer: give "#
                    + "this one another pattern or remove it",
                #"5:5 error: `Orders` has a handler for ["cmd":"sum","v":2] already, and a request has "#
                    + "one answer: give this one another pattern or remove it",
                "7:5 error: `Orders` has a handler for Create.pattern already, and a request has one "
                    + "answer: give this one another pattern or remove it",
            ])
    }

    @Test("wants a pattern")
    func empty() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern func a() {}
                @MessagePattern("") func b() {}
                @MessagePattern([:]) func c() {}
            }
            """,
            reports: [
                #"2:5 error: @MessagePattern needs a pattern: write `@MessagePattern("orders.create")`"#,
                #"3:21 error: a pattern cannot be empty: write `@MessagePattern("orders.create")`"#,
                #"4:21 error: an object pattern needs a field: write `@MessagePattern(["cmd": "sum"])`"#,
            ])
    }

    @Test("wants wildcards as whole tokens, the rest last")
    func wildcards() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a.>.b") func a() {}
                @EventPattern("a.b*") func b() {}
                @OnEvent("a.b>.c") func c() {}
                @EventPattern("**") func d() {}
            }
            """,
            reports: [
                "2:21 error: `>` stands for the rest of the name: write it last, or `*` for one token",
                "3:19 error: a wildcard is a whole token: write `*` in the place of `b*`",
                "5:19 error: a wildcard is a whole token: write `*` in the place of `**`",
                "4:14 error: a wildcard is a whole token: write `*` in the place of `b>`",
            ])
    }

    @Test("wants one dot between two tokens")
    func dots() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a..b") func a() {}
                @EventPattern(".a") func b() {}
                @OnEvent("a.") func c() {}
            }
            """,
            reports: [
                "2:21 error: the pattern `a..b` has an empty token: write one dot between two tokens and "
                    + "none at the ends",
                "3:19 error: the pattern `.a` has an empty token: write one dot between two tokens and "
                    + "none at the ends",
                "4:14 error: the pattern `a.` has an empty token: write one dot between two tokens and "
                    + "none at the ends",
            ])
    }
}
