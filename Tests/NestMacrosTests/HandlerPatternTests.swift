import Testing

@Suite("Patterns of handlers") struct HandlerPatternTests {
    @Test("takes every form of a pattern")
    func patterns() {
        expectExpansion(
            #"""
            @Controller struct Patterns {
                @MessagePattern(["cmd": "sum", "v": 2]) func object() -> Int {}
                @MessagePattern(Names.count) func constant() -> Int {}
                @MessagePattern("orders.\(region)") func interpolated() -> Int {}
                @MessagePattern("{\"cmd\":\"x\"}") func text() -> Int {}
                @MessagePattern(">") func everything() -> Int {}
            }
            """#,
            to: #"""
                struct Patterns {
                    func object() -> Int {}
                    func constant() -> Int {}
                    func interpolated() -> Int {}
                    func text() -> Int {}
                    func everything() -> Int {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Patterns {
                        Patterns()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Patterns>] {
                        [
                            .message(["cmd": "sum", "v": 2], name: "object") { (controller: Patterns, _: NestMessaging.NoPayload, _) in
                                controller.object()
                            },
                            .message(Names.count, name: "constant") { (controller: Patterns, _: NestMessaging.NoPayload, _) in
                                controller.constant()
                            },
                            .message("orders.\(region)", name: "interpolated") { (controller: Patterns, _: NestMessaging.NoPayload, _) in
                                controller.interpolated()
                            },
                            .message("{\"cmd\":\"x\"}", name: "text") { (controller: Patterns, _: NestMessaging.NoPayload, _) in
                                controller.text()
                            },
                            .message(">", name: "everything") { (controller: Patterns, _: NestMessaging.NoPayload, _) in
                                controller.everything()
                            },
                        ]
                    }
                }

                extension Patterns: NestMessaging.Controller {}
                """#)
    }

    @Test("binds a handler to its contract")
    func contracts() {
        expectExpansion(
            """
            @Controller struct Orders {
                @MessagePattern(CreateOrder.self) func create(_ order: CreateOrder) async throws -> CreateOrder.Reply {}
                @MessagePattern(Contracts.Rows.self) func rows(_ context: MessageContext) -> AsyncStream<Row> {}
                @EventPattern(OrderCreated.self, broadcast: true) func created(_ order: OrderCreated) {}
            }
            """,
            to: """
                struct Orders {
                    func create(_ order: CreateOrder) async throws -> CreateOrder.Reply {}
                    func rows(_ context: MessageContext) -> AsyncStream<Row> {}
                    func created(_ order: OrderCreated) {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message(CreateOrder.pattern, name: "create") { (controller: Orders, payload: CreateOrder, _) -> CreateOrder.Reply in
                                try await controller.create(payload)
                            },
                            .message(Contracts.Rows.pattern, name: "rows") { (controller: Orders, _: NestMessaging.NoPayload, context: MessageContext) in
                                controller.rows(context)
                            },
                            .event(OrderCreated.pattern, name: "created", options: NestMessaging.HandlerOptions(broadcast: true)) { (controller: Orders, payload: OrderCreated, _) in
                                controller.created(payload)
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("gives a method all its patterns")
    func several() {
        expectExpansion(
            """
            @Controller struct Reports {
                @MessagePattern("a") @MessagePattern("b") @EventPattern("a") func a() {}
            }
            """,
            to: """
                struct Reports {
                    func a() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Reports {
                        Reports()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Reports>] {
                        [
                            .message("a", name: "a") { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                            .message("b", name: "a") { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                            .event("a", name: "a") { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                        ]
                    }
                }

                extension Reports: NestMessaging.Controller {}
                """)
    }

    @Test("knows attributes by their last name")
    func qualified() {
        expectExpansion(
            """
            @Controller struct Reports {
                @NestMacros.MessagePattern("a") func a() {}
            }
            """,
            to: """
                struct Reports {
                    @NestMacros.MessagePattern("a") func a() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Reports {
                        Reports()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Reports>] {
                        [
                            .message("a", name: "a") { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                        ]
                    }
                }

                extension Reports: NestMessaging.Controller {}
                """)
    }

    @Test("says how a handler is run and what stands around it")
    func options() {
        expectExpansion(
            """
            @Controller struct Reports {
                @Blocking @UseGuards(Roles("a")) @UsePipes(Trim.self) @MessagePattern("a") func a() {}
                @UseInterceptors(Timing.self) @UseFilters(NotFound()) @EventPattern("b") @Blocking func b() {}
            }
            """,
            to: """
                struct Reports {
                    func a() {}
                    func b() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Reports {
                        Reports()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Reports>] {
                        [
                            .message("a", name: "a", options: NestMessaging.HandlerOptions(blocking: true), enhancers: NestMessaging.Enhancers(guards: [NestMessaging.GuardReference(Roles("a"))], pipes: [NestMessaging.PipeReference(Trim.self)])) { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                            .event("b", name: "b", options: NestMessaging.HandlerOptions(blocking: true), enhancers: NestMessaging.Enhancers(interceptors: [NestMessaging.InterceptorReference(Timing.self)], filters: [NestMessaging.FilterReference(NotFound())])) { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                controller.b()
                            },
                        ]
                    }
                }

                extension Reports: NestMessaging.Controller {}
                """)
    }
}
