import Testing

@Suite("Handlers") struct HandlerTests {
    @Test("takes every shape")
    func shapes() {
        expectExpansion(
            """
            @Controller struct Orders {
                @MessagePattern("a") func a(_ order: NewOrder) -> Order {}
                @MessagePattern("b") func b(_ order: NewOrder, _ context: MessageContext) async throws -> Order {}
                @MessagePattern("c") func c(context: NestMessaging.MessageContext) throws -> Int {}
                @MessagePattern("d") func d() async -> Int {}
                @MessagePattern("e") private func e(in context: MessageContext, order: consuming NewOrder) {}
                @MessagePattern("f") fileprivate func `default`(for order: sending [Int]?) -> Void {}
                @MessagePattern("h") func h(`in`: Int, `inout` context: MessageContext) {}
                @MessagePattern("g") func g(number: Int!) throws(OrderError) -> () {}
            }
            """,
            to: """
                struct Orders {
                    func a(_ order: NewOrder) -> Order {}
                    func b(_ order: NewOrder, _ context: MessageContext) async throws -> Order {}
                    func c(context: NestMessaging.MessageContext) throws -> Int {}
                    func d() async -> Int {}
                    private func e(in context: MessageContext, order: consuming NewOrder) {}
                    fileprivate func `default`(for order: sending [Int]?) -> Void {}
                    func h(`in`: Int, `inout` context: MessageContext) {}
                    func g(number: Int!) throws(OrderError) -> () {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message("a", name: "a") { (controller: Orders, payload: NewOrder, _) in
                                controller.a(payload)
                            },
                            .message("b", name: "b") { (controller: Orders, payload: NewOrder, context: MessageContext) in
                                try await controller.b(payload, context)
                            },
                            .message("c", name: "c") { (controller: Orders, _: NestMessaging.NoPayload, context: NestMessaging.MessageContext) in
                                try controller.c(context: context)
                            },
                            .message("d", name: "d") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                await controller.d()
                            },
                            .message("e", name: "e") { (controller: Orders, payload: NewOrder, context: MessageContext) in
                                controller.e(in: context, order: payload)
                            },
                            .message("f", name: "default") { (controller: Orders, payload: [Int]?, _) in
                                controller.`default`(for: payload)
                            },
                            .message("h", name: "h") { (controller: Orders, payload: Int, context: MessageContext) in
                                controller.h(in: payload, `inout`: context)
                            },
                            .message("g", name: "g") { (controller: Orders, payload: Int?, _) in
                                try controller.g(number: payload)
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("passes sequences on")
    func streams() {
        expectExpansion(
            """
            @Controller struct Reports {
                @MessagePattern("a") func a(_ report: Report) -> AsyncStream<Row> {}
                @MessagePattern("b") func b() async throws -> some AsyncSequence<Row, any Error> {}
            }
            """,
            to: """
                struct Reports {
                    func a(_ report: Report) -> AsyncStream<Row> {}
                    func b() async throws -> some AsyncSequence<Row, any Error> {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Reports {
                        Reports()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Reports>] {
                        [
                            .message("a", name: "a") { (controller: Reports, payload: Report, _) in
                                controller.a(payload)
                            },
                            .message("b", name: "b") { (controller: Reports, _: NestMessaging.NoPayload, _) in
                                try await controller.b()
                            },
                        ]
                    }
                }

                extension Reports: NestMessaging.Controller {}
                """)
    }

    @Test("takes every shape of events")
    func events() {
        expectExpansion(
            """
            @Controller struct Audit {
                @EventPattern("order.created") func a(_ order: Order) {}
                @EventPattern("order.>") func b(_ context: MessageContext) async throws {}
                @EventPattern("cache.*", broadcast: true) func c(key: String) -> Void {}
                @EventPattern("cache.*", broadcast: isShared) func d() async {}
                @EventPattern("cache.*", broadcast: false) func e() {}
            }
            """,
            to: """
                struct Audit {
                    func a(_ order: Order) {}
                    func b(_ context: MessageContext) async throws {}
                    func c(key: String) -> Void {}
                    func d() async {}
                    func e() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Audit {
                        Audit()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Audit>] {
                        [
                            .event("order.created", name: "a") { (controller: Audit, payload: Order, _) in
                                controller.a(payload)
                            },
                            .event("order.>", name: "b") { (controller: Audit, _: NestMessaging.NoPayload, context: MessageContext) in
                                try await controller.b(context)
                            },
                            .event("cache.*", name: "c", options: NestMessaging.HandlerOptions(broadcast: true)) { (controller: Audit, payload: String, _) in
                                controller.c(key: payload)
                            },
                            .event("cache.*", name: "d", options: NestMessaging.HandlerOptions(broadcast: isShared)) { (controller: Audit, _: NestMessaging.NoPayload, _) in
                                await controller.d()
                            },
                            .event("cache.*", name: "e") { (controller: Audit, _: NestMessaging.NoPayload, _) in
                                controller.e()
                            },
                        ]
                    }
                }

                extension Audit: NestMessaging.Controller {}
                """)
    }
}
