import Testing

@Suite("Routes: answers") struct RouteAnswerTests {
    @Test("have what attributes say")
    func settings() {
        expectExpansion(
            """
            @Controller struct Orders {
                @Delete("/:id") @HTTPCode(204) func a(id: Int) {}
                @HTTPCode(.accepted) @Header("Cache-Control", "no-store") @Header("X-A", Values.a) @Post func b() -> Int {}
                @Get @Blocking @UseGuards(Auth.self) @UsePipes(Trim()) func c() -> Int {}
                @Get("/d") @Redirect("/x") func d() {}
                @Get("/e/:id") @Redirect("/x", 301) func e(id: Int) async throws -> Redirect? {}
                @Get("/f") @Redirect(Paths.x, .permanentRedirect) @Header("A", "b") func f() -> Void {}
            }
            """,
            to: """
                struct Orders {
                    func a(id: Int) {}
                    func b() -> Int {}
                    func c() -> Int {}
                    func d() {}
                    func e(id: Int) async throws -> Redirect? {}
                    func f() -> Void {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .delete("/:id", name: "a", options: NestHTTP.HTTPHandlerOptions(status: 204)) { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.a(id: call.param("id", as: Int.self))
                            },
                            .post("", name: "b", options: NestHTTP.HTTPHandlerOptions(status: .accepted, headers: ["Cache-Control": "no-store", "X-A": Values.a])) { (controller: Orders, call: NestHTTP.HTTPCall) in
                                controller.b()
                            },
                            .get("", name: "c", options: NestHTTP.HTTPHandlerOptions(blocking: true), enhancers: NestMessaging.Enhancers(guards: [NestMessaging.GuardReference(Auth.self)], pipes: [NestMessaging.PipeReference(Trim())])) { (controller: Orders, call: NestHTTP.HTTPCall) in
                                controller.c()
                            },
                            .get("/d", name: "d") { (controller: Orders, call: NestHTTP.HTTPCall) -> NestHTTP.Redirect in
                                controller.d()
                                return NestHTTP.Redirect("/x")
                            },
                            .get("/e/:id", name: "e") { (controller: Orders, call: NestHTTP.HTTPCall) -> NestHTTP.Redirect in
                                try await controller.e(id: call.param("id", as: Int.self)) ?? NestHTTP.Redirect("/x", 301)
                            },
                            .get("/f", name: "f", options: NestHTTP.HTTPHandlerOptions(headers: ["A": "b"])) { (controller: Orders, call: NestHTTP.HTTPCall) -> NestHTTP.Redirect in
                                controller.f()
                                return NestHTTP.Redirect(Paths.x, .permanentRedirect)
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("may belong to several routes, and a method to messages too")
    func several() {
        expectExpansion(
            """
            @Controller("/a") struct Orders {
                @Get("/b") @Head("/b") @MessagePattern("orders.count") func a() -> Int {}
                @Post @EventPattern("order.created") func b(_ order: Order) {}
                @Put @MessagePattern("c") func c(@Body text: String) {}
            }
            """,
            to: """
                struct Orders {
                    func a() -> Int {}
                    func b(_ order: Order) {}
                    func c(@Body text: String) {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var path: String { "/a" }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .get("/b", name: "a") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                controller.a()
                            },
                            .head("/b", name: "a") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                controller.a()
                            },
                            .message("orders.count", name: "a") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                            .post("", name: "b") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.b(call.body(as: Order.self))
                            },
                            .event("order.created", name: "b") { (controller: Orders, payload: Order, _) in
                                controller.b(payload)
                            },
                            .put("", name: "c") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.c(text: call.body(as: String.self))
                            },
                            .message("c", name: "c") { (controller: Orders, payload: String, _) in
                                controller.c(text: payload)
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }
}
