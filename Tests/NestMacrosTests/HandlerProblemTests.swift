import Testing

@Suite("Handlers used wrongly") struct HandlerProblemTests {
    @Test("wants a method of an instance")
    func modifiers() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a")
                static func a() {}
                @EventPattern("b") public static func b() {}
            }
            """,
            reports: [
                "3:5 error: a handler is called on an instance of `Orders`: remove `static` [remove "
                    + "`static`]",
                "4:31 error: a handler is called on an instance of `Orders`: remove `static` [remove "
                    + "`static`]",
            ],
            fixed: """
                @Controller struct Orders {
                    @MessagePattern("a")
                    func a() {}
                    @EventPattern("b") public func b() {}
                }
                """)
        expect(
            """
            @Controller final class Orders {
                @MessagePattern("a") class func a() {}
            }
            """,
            reports: [
                "2:26 error: a handler is called on an instance of `Orders`: remove `class` [remove "
                    + "`class`]"
            ],
            fixed: """
                @Controller final class Orders {
                    @MessagePattern("a") func a() {}
                }
                """)
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a") mutating func a() {}
            }
            """,
            reports: [
                "2:26 error: a handler cannot be mutating, all messages share one `Orders`: make it an "
                    + "actor to keep state, and remove `mutating`"
            ])
    }

    @Test("wants a payload that is known")
    func generics() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a") func a<T: Codable>(_ value: T) {}
                @MessagePattern("b") func b(_ value: sending some Codable) {}
                @MessagePattern("c") func c(_ value: [some Codable]) {}
            }
            """,
            reports: [
                "2:32 error: a handler cannot be generic: write the payload's type out",
                "3:50 error: a handler cannot be generic: write the payload's type out",
                "4:43 error: a handler cannot be generic: write the payload's type out",
            ])
    }

    @Test("wants one payload and one context")
    func parameters() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a") func a(_ one: Int, _ two: Int) {}
                @MessagePattern("b") func b(_ one: MessageContext, _ two: MessageContext) {}
                @EventPattern("c") func c(_ one: Int, _ context: MessageContext, flag: Bool = false) {}
            }
            """,
            reports: [
                "2:45 error: a handler takes (payload), (payload, MessageContext), (MessageContext) or "
                    + "(): put what else it needs into the payload's type or the controller's properties",
                "3:56 error: a handler takes (payload), (payload, MessageContext), (MessageContext) or "
                    + "(): put what else it needs into the payload's type or the controller's properties",
                "4:70 error: a handler takes (payload), (payload, MessageContext), (MessageContext) or "
                    + "(): put what else it needs into the payload's type or the controller's properties",
            ])
    }

    @Test("wants plain parameters")
    func parameterKinds() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a") func a(_ numbers: Int...) {}
                @MessagePattern("b") func b(_ number: inout Int) {}
            }
            """,
            reports: [
                "2:47 error: a handler's parameter cannot be variadic: write `[Int]`",
                "3:43 error: a handler's parameter cannot be inout: write `Int` and return what changed",
            ])
    }

    @Test("wants nothing returned from events")
    func eventResult() {
        expect(
            """
            @Controller struct Audit {
                @EventPattern("a") func a() async throws -> Int { 1 }
                @OnEvent("b") func b() -> Int {
                    1
                }
            }
            """,
            reports: [
                "2:46 error: nobody waits for what a handler of events returns: remove the result, or "
                    + "answer requests with @MessagePattern [remove the result]",
                "3:28 error: nobody waits for what a handler of events returns: remove the result "
                    + "[remove the result]",
            ],
            fixed: """
                @Controller struct Audit {
                    @EventPattern("a") func a() async throws { 1 }
                    @OnEvent("b") func b() {
                        1
                    }
                }
                """)
    }

    @Test("wants a contract's reply")
    func contractResult() {
        expect(
            """
            @Controller struct Orders {
                @MessagePattern(CreateOrder.self) func create(_ order: CreateOrder) {}
            }
            """,
            reports: [
                "2:44 error: callers of `CreateOrder` get its reply: write `-> CreateOrder.Reply`"
            ])
    }
}
