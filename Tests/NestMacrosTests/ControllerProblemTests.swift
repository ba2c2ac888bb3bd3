import Testing

@Suite("@Controller used wrongly") struct ControllerProblemTests {
    @Test("warns of a controller without handlers")
    func idle() {
        expect(
            """
            @Controller struct Orders {
                func create() {}
            }
            """,
            reports: [
                "1:1 warning: `Orders` has no handlers: mark a method of its body, for example with "
                    + #"@MessagePattern("orders.create") or @Get("/:id")"#
            ])
    }

    @Test("cannot be generic")
    func generic() {
        expect(
            """
            @Controller struct Orders<Item> {
                @MessagePattern("a") func a() {}
            }
            """,
            reports: [
                "1:26 error: a controller cannot be generic, its patterns would be the same for every "
                    + "`Orders`: write the type out, or inject a generic provider"
            ])
    }

    @Test("wants a type with instances that is final")
    func kinds() {
        expect(
            """
            @Controller enum Orders {
                @MessagePattern("a") func a() {}
            }
            """,
            reports: [
                "1:1 error: @Controller needs a type with instances: make `Orders` a struct, a final "
                    + "class or an actor"
            ])
        expect(
            """
            @Controller class Orders {
                @MessagePattern("a") func a() {}
            }
            """,
            reports: [
                "1:13 error: @Controller needs a class that is Sendable and cannot be inherited from: "
                    + "write `final class Orders` [add `final`]"
            ],
            fixed: """
                @Controller final class Orders {
                    @MessagePattern("a") func a() {}
                }
                """)
        expect(
            """
            enum Space {
                @Controller private final class Orders {
                    @MessagePattern("a") func a() {}
                }
            }
            """,
            reports: [
                "2:17 error: @Controller adds an extension, and none can see a private type inside "
                    + "another: write `fileprivate` [write `fileprivate`]"
            ],
            fixed: """
                enum Space {
                    @Controller fileprivate final class Orders {
                        @MessagePattern("a") func a() {}
                    }
                }
                """)
    }

    @Test("wants to know how it is made")
    func inits() {
        expect(
            """
            @Controller actor Orders {
                let a
                @MessagePattern("a") func a() {}
            }
            """,
            reports: [
                "2:9 error: @Controller asks the container by type: write `a: Type`, or give it a value"
            ])
    }
}
