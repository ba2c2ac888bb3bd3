import Testing

@Suite("Routes") struct RouteTests {
    @Test("answer every method of HTTP")
    func methods() {
        expectExpansion(
            """
            @Controller("/orders") struct Orders {
                @Get func a() -> [Order] {}
                @Get("/:id") func b(id: UUID) async throws -> Order {}
                @Post func c(_ order: NewOrder) throws -> Order {}
                @Put("/:id") func d(id: Int, order: NewOrder) async -> Order {}
                @Patch(Paths.one) func e(@Param id: Int, @Body changes: Changes) {}
                @Delete("files/*path") private func f(_ path: String) async throws(OrderError) {}
                @Head("/:id") func g(id: Int) {}
                @Options("/") func h() {}
                @Sse("/events") func i() -> AsyncStream<ServerSentEvent> {}
            }
            """,
            to: """
                struct Orders {
                    func a() -> [Order] {}
                    func b(id: UUID) async throws -> Order {}
                    func c(_ order: NewOrder) throws -> Order {}
                    func d(id: Int, order: NewOrder) async -> Order {}
                    func e(@Param id: Int, @Body changes: Changes) {}
                    private func f(_ path: String) async throws(OrderError) {}
                    func g(id: Int) {}
                    func h() {}
                    func i() -> AsyncStream<ServerSentEvent> {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var path: String { "/orders" }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .get("", name: "a") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                controller.a()
                            },
                            .get("/:id", name: "b") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.b(id: call.param("id", as: UUID.self))
                            },
                            .post("", name: "c") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.c(call.body(as: NewOrder.self))
                            },
                            .put("/:id", name: "d") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.d(id: call.param("id", as: Int.self), order: call.body(as: NewOrder.self))
                            },
                            .patch(Paths.one, name: "e") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.e(id: call.param("id", as: Int.self), changes: call.body(as: Changes.self))
                            },
                            .delete("files/*path", name: "f") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.f(call.param("path", as: String.self))
                            },
                            .head("/:id", name: "g") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.g(id: call.param("id", as: Int.self))
                            },
                            .options("/", name: "h") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                controller.h()
                            },
                            .get("/events", name: "i") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                call.events(controller.i())
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }
}
