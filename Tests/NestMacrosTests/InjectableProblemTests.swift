import Testing

@Suite("@Injectable and @Inject used wrongly") struct InjectableProblemTests {
    @Test("wants a type with instances")
    func kinds() {
        expect(
            "@Injectable enum Mailer {}",
            reports: [
                "1:1 error: @Injectable needs a type with instances: make `Mailer` a struct, a final "
                    + "class or an actor"
            ])
        expect(
            "@Injectable protocol Mailer {}",
            reports: [
                "1:1 error: @Injectable needs a type with instances: make `Mailer` a struct, a final "
                    + "class or an actor"
            ])
        expect(
            """
            @Injectable
            public class Mailer {
            }
            """,
            reports: [
                "2:8 error: @Injectable needs a class that is Sendable and cannot be inherited from: "
                    + "write `final class Mailer` [add `final`]"
            ],
            fixed: """
                @Injectable
                public final class Mailer {
                }
                """)
        expect(
            "@Injectable open class Mailer {}",
            reports: [
                "1:18 error: @Injectable needs a class that is Sendable and cannot be inherited from: "
                    + "write `final class Mailer`"
            ])
        expect(
            """
            extension Space {
                @Injectable private struct Mailer {}
            }
            """,
            reports: [
                "2:17 error: @Injectable adds an extension, and none can see a private type inside "
                    + "another: write `fileprivate` [write `fileprivate`]"
            ],
            fixed: """
                extension Space {
                    @Injectable fileprivate struct Mailer {}
                }
                """)
    }

    @Test("wants a type at every property it asks for")
    func types() {
        expect(
            """
            @Injectable actor Mailer {
                private let host
                @Inject("PORT") var port
                var pageSize = 50
            }
            """,
            reports: [
                "2:17 error: @Injectable asks the container by type: write `host: Type`, or give it a "
                    + "value",
                "3:25 error: @Injectable asks the container by type: write `port: Type`, or give it a "
                    + "value",
            ])
    }

    @Test("does not see what is inside #if")
    func conditions() {
        expect(
            """
            @Injectable struct Mailer {
                #if DEBUG
                let host: String
                var retries = 3
                #else
                init() {}
                #endif
            }
            """,
            reports: [
                "6:5 error: an init inside #if is not seen by the macro: put the #if inside the init's "
                    + "body",
                "3:9 error: a stored property inside #if is not seen by the macro: give it a value, or "
                    + "write an init",
            ])
    }

    @Test("is part of @Controller")
    func both() {
        expect(
            """
            @Injectable @Controller struct Mailer {
                @MessagePattern("a") func a() {}
            }
            """,
            reports: [
                "1:1 error: @Controller does what @Injectable does: remove @Injectable, and give a scope "
                    + "to the controller: `@Controller(scope: .request)`"
            ])
    }

    @Test("names stored properties without a value")
    func inject() {
        expect(
            """
            @Injectable struct Mailer {
                @Inject("A") static let a: String
                @Inject("B") var b: String { "" }
                @Inject("C") let c: String = ""
                @Inject("") let d: String
                @Inject("F") func f() {}
            }
            """,
            reports: [
                "2:5 error: @Inject names a stored property of an instance: move it to one, or remove it",
                "3:5 error: @Inject names a stored property of an instance: move it to one, or remove it",
                "4:32 error: `c` has a value already: remove the value or @Inject",
                #"5:5 error: @Inject needs a name: write `@Inject("DATABASE_URL")`"#,
                "6:5 error: @Inject names a stored property of an instance: move it to one, or remove it",
            ])
    }

    @Test("stands in a type that is injected")
    func injectPlace() {
        expect(
            """
            struct Mailer {
                @Inject("A") let a: String
            }
            """,
            reports: [
                "2:5 error: @Inject does nothing here: mark `Mailer` with @Injectable or @Controller"
            ])
        expect(
            #"@Inject("A") let a: String = """#,
            reports: [
                "1:28 error: `a` has a value already: remove the value or @Inject",
                "1:1 error: @Inject does nothing here: move it into the body of a type with @Injectable "
                    + "or @Controller",
            ])
    }
}
