import Testing

@Suite("Routes: parameters") struct RouteParameterTests {
    @Test("come from where their attributes say")
    func marked() {
        expectExpansion(
            #"""
            @Controller struct Orders {
                @Get("/:order-id/:n") func a(@Param("order-id") id: UUID, @Param(Names.n) n: Int, @Param("n") _: Int) {}
                @Get func b(@Query page: Int = 1, @Query("q") text: String? = nil, @Query by sort: Sort? = .up) {}
                @Get("/c") func c(@Queries filter: Filter, @Headers("if-match") tag: String?) {}
                @Get("/d") func d(@CookieValue session: String!, @CookieValue("s") in s: Optional<Int>) {}
                @Get("/e") func e(@Headers all: HTTPFields, @Headers("a") a: Int = 2, @CookieValue _ b: Int = 3) {}
                @Put func f(@Body text: String, @Query `default`: [String]) {}
                @Patch func g(@Body order: NewOrder? = NewOrder(), @NestHTTP.Query("a") a: Int) {}
                @Post func h(@Form upload: Upload) async {}
                @Post("/i") func i(@Queries filter: Filter?, @Form form: Upload) throws {}
            }
            """#,
            to: #"""
                struct Orders {
                    func a(@Param("order-id") id: UUID, @Param(Names.n) n: Int, @Param("n") _: Int) {}
                    func b(@Query page: Int = 1, @Query("q") text: String? = nil, @Query by sort: Sort? = .up) {}
                    func c(@Queries filter: Filter, @Headers("if-match") tag: String?) {}
                    func d(@CookieValue session: String!, @CookieValue("s") in s: Optional<Int>) {}
                    func e(@Headers all: HTTPFields, @Headers("a") a: Int = 2, @CookieValue _ b: Int = 3) {}
                    func f(@Body text: String, @Query `default`: [String]) {}
                    func g(@Body order: NewOrder? = NewOrder(), @NestHTTP.Query("a") a: Int) {}
                    func h(@Form upload: Upload) async {}
                    func i(@Queries filter: Filter?, @Form form: Upload) throws {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .get("/:order-id/:n", name: "a") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.a(id: call.param("order-id", as: UUID.self), n: call.param(Names.n, as: Int.self), call.param("n", as: Int.self))
                            },
                            .get("", name: "b") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.b(page: call.query("page", as: Int.self, default: 1), text: call.query("q", as: String?.self), by: call.query("sort", as: Sort.self, default: .up))
                            },
                            .get("/c", name: "c") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.c(filter: call.queries(as: Filter.self), tag: call.header("if-match", as: String?.self))
                            },
                            .get("/d", name: "d") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.d(session: call.cookie("session", as: String?.self), in: call.cookie("s", as: Int?.self))
                            },
                            .get("/e", name: "e") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.e(all: call.context.httpHeaders, a: call.header("a", as: Int.self, default: 2), call.cookie("b", as: Int.self, default: 3))
                            },
                            .put("", name: "f") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.f(text: call.body(as: String.self), default: call.query("default", as: [String].self))
                            },
                            .patch("", name: "g") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.g(order: call.body(as: NewOrder?.self) ?? NewOrder(), a: call.query("a", as: Int.self))
                            },
                            .post("", name: "h") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.h(upload: call.form(as: Upload.self))
                            },
                            .post("/i", name: "i") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.i(filter: call.queries(as: Filter.self), form: call.form(as: Upload.self))
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """#)
    }

    @Test("come from where their types or names say")
    func unmarked() {
        expectExpansion(
            """
            @Controller("/shops/:shop") struct Orders {
                @Get("/orders/:id") func a(_ shop: String, order id: sending UUID, _ context: HTTPContext) {}
                @Get func b(request: HummingbirdRequest, shop: Int) {}
                @Delete func c(_ list: [UUID]) {}
                @Patch("/:id") func d(context: NestHTTP.HTTPContext, changes: Changes?, id: Int, @Query dry: Bool = false) {}
            }
            """,
            to: """
                struct Orders {
                    func a(_ shop: String, order id: sending UUID, _ context: HTTPContext) {}
                    func b(request: HummingbirdRequest, shop: Int) {}
                    func c(_ list: [UUID]) {}
                    func d(context: NestHTTP.HTTPContext, changes: Changes?, id: Int, @Query dry: Bool = false) {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var path: String { "/shops/:shop" }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .get("/orders/:id", name: "a") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.a(call.param("shop", as: String.self), order: call.param("id", as: UUID.self), call.context)
                            },
                            .get("", name: "b") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try controller.b(request: call.context.request, shop: call.param("shop", as: Int.self))
                            },
                            .delete("", name: "c") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.c(call.body(as: [UUID].self))
                            },
                            .patch("/:id", name: "d") { (controller: Orders, call: NestHTTP.HTTPCall) in
                                try await controller.d(context: call.context, changes: call.body(as: Changes?.self), id: call.param("id", as: Int.self), dry: call.query("dry", as: Bool.self, default: false))
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("are read on the way into an actor")
    func isolation() {
        expectExpansion(
            """
            @Controller actor Counter {
                @Get("/:n") func add(n: Int) -> Int {}
                @Get nonisolated func name() -> String {}
            }
            """,
            to: """
                actor Counter {
                    func add(n: Int) -> Int {}
                    nonisolated func name() -> String {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Counter {
                        Counter()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Counter>] {
                        [
                            .get("/:n", name: "add") { (controller: Counter, call: NestHTTP.HTTPCall) in
                                try await controller.add(n: call.param("n", as: Int.self))
                            },
                            .get("", name: "name") { (controller: Counter, call: NestHTTP.HTTPCall) in
                                controller.name()
                            },
                        ]
                    }
                }

                extension Counter: NestMessaging.Controller {}
                """)
    }
}
