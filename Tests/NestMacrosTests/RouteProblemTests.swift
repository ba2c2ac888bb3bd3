import Testing

@Suite("Routes used wrongly") struct RouteProblemTests {
    @Test("want one handler for a request")
    func duplicates() {
        expect(
            """
            @Controller("/orders") struct Orders {
                @Get("/:id") func a(id: Int) {}
                @Get(":order/") func b(order: Int) {}
                @Put("/:id") func c(id: Int) {}
                @Get(Paths.one) func d() {}
                @Get(Paths.one) func e() {}
                @Sse("/:id") func f(id: Int) -> AsyncStream<ServerSentEvent> {}
            }
            """,
            reports: [
                "3:5 error: `Orders` has a handler for GET /orders/:order already, and a request has one answer: "
                    + "give this one another path or remove it",
                "6:5 error: `Orders` has a handler for GET Paths.one already, and a request has one answer: give "
                    + "this one another path or remove it",
                "7:5 error: `Orders` has a handler for GET /orders/:id already, and a request has one answer: give "
                    + "this one another path or remove it",
            ])
    }

    @Test("want a path that requests can have")
    func paths() {
        expect(
            """
            @Controller("/shops/:shop") struct Orders {
                @Get("/a?b=:c") func a() {}
                @Get("/:") func b() {}
                @Get("/:shop") func c() {}
                @Get("/{id}") func d() {}
                @Get("/*rest/x") func e() {}
            }
            """,
            reports: [
                "2:10 error: a path ends before the `?`: take what comes after it with `@Query`",
                "3:10 error: a parameter of a path needs a name: write `:id`",
                "4:10 error: `shop` stands twice in `/shops/:shop/:shop`: give each part a name of its own",
                "5:10 error: `{id}` would be taken as it stands: write `:id`",
                "6:10 error: `*` stands for all that is left of a path: write it last, or `:id` for one "
                    + "segment",
            ])
        expect(
            """
            @Controller("/shops/:") struct Orders {
                @Get func a() {}
            }
            """,
            reports: [
                "1:13 error: a parameter of a path needs a name: write `:id`"
            ])
    }

    @Test("want parameters of the path that are there")
    func pathParameters() {
        expect(
            """
            @Controller("/shops/:shop") struct Orders {
                @Get("/:id/:line") func a(@Param("order") id: Int, shop: Int) {}
                @Get func b(@Param id: Int) {}
                @Get("/:id") func c(id: Int = 1) {}
                @Get("/:id/x") func d(@Param _: Int) {}
                @Get("/:id/y") func e(@Param("") id: Int) {}
            }
            """,
            reports: [
                "2:38 error: `GET /shops/:shop/:id/:line` has no `:order`: take `shop` or `id` or `line`, or put "
                    + "`:order` into the path of @Get",
                "3:17 error: `GET /shops/:shop` has no `:id`: take `shop`, or put `:id` into the path of @Get",
                "4:33 error: a request that comes here has this part of the path: remove the default value",
                #"5:27 error: a parameter called `_` has no name to look for: write `@Param("id")`"#,
                #"6:34 error: @Param needs a name: write `@Param("id")`"#,
            ])
        expect(
            """
            @Controller struct Orders {
                @Get("/a") func a(@Param("order") id: Int) {}
            }
            """,
            reports: [
                "2:30 error: `GET /a` has no `:order`: put `:order` into the path of @Get"
            ])
    }

    @Test("want to know where a parameter comes from")
    func unknown() {
        expect(
            """
            @Controller struct Orders {
                @Get("/a") func a(text: String, _ page: Int? = nil) {}
                @Post("/b") func b(order: NewOrder, dry: Bool) {}
                @Put("/c") func c(id: UUID) {}
                @Patch("/d") func d(text: String, @Body order: NewOrder) {}
                @Delete("/e") func e(
                    flag: Bool
                ) {}
                @Get(Paths.f) func f(
                    // What is looked for.
                    order: Order, _: Int
                ) {}
            }
            """,
            reports: [
                "2:23 error: nothing says where `text` comes from: write `@Query text: String`, or put `:text` into "
                    + "the path of @Get [write @Query]",
                "2:37 error: nothing says where `page` comes from: write `@Query _ page: Int?`, or put `:page` into "
                    + "the path of @Get [write @Query]",
                "3:41 error: nothing says where `dry` comes from: write `@Query dry: Bool`, or put `:dry` into the "
                    + "path of @Post [write @Query]",
                "4:23 error: nothing says where `id` comes from: write `@Query id: UUID` or `@Body`, or put `:id` "
                    + "into the path of @Put [write @Query]",
                "5:25 error: nothing says where `text` comes from: write `@Query text: String`, or put `:text` into "
                    + "the path of @Patch [write @Query]",
                "7:9 error: nothing says where `flag` comes from: write `@Query flag: Bool` or `@Body`, or put "
                    + "`:flag` into the path of @Delete [write @Query]",
                "11:9 error: nothing says where `order` comes from: write `@Query order: Order`, or put `:order` "
                    + "into the path of @Get [write @Query]",
                #"11:23 error: nothing says where a parameter called `_` comes from: write `@Query("name")` before "#
                    + "it",
            ],
            fixed: """
                @Controller struct Orders {
                    @Get("/a") func a(@Query text: String, @Query _ page: Int? = nil) {}
                    @Post("/b") func b(order: NewOrder, @Query dry: Bool) {}
                    @Put("/c") func c(@Query id: UUID) {}
                    @Patch("/d") func d(@Query text: String, @Body order: NewOrder) {}
                    @Delete("/e") func e(
                        @Query flag: Bool
                    ) {}
                    @Get(Paths.f) func f(
                        // What is looked for.
                        @Query order: Order, _: Int
                    ) {}
                }
                """)
    }

    @Test("want one source for a parameter, and one parameter for the body")
    func surplus() {
        expect(
            """
            @Controller struct Orders {
                @Get("/:id") func a(@Param @Query id: Int) {}
                @Post("/b") func b(@Body a: A, @Form b: B) {}
                @Post("/c") func c(_ a: A, @Body("b") b: B) {}
                @Post("/d") func d(@Body("name") name: String, @Queries("x") filter: Filter) {}
                @Get("/e") func e(@Body order: NewOrder) {}
                @Sse("/f") func f(@Form order: NewOrder) -> AsyncStream<ServerSentEvent> {}
            }
            """,
            reports: [
                "2:32 error: a parameter comes from one place: remove @Query or the other one",
                "3:36 error: `a` is the body already: make one type of both",
                "4:24 error: nothing says where `a` comes from: write `@Query _ a: A`, or put `:a` into the path of "
                    + "@Post [write @Query]",
                "4:38 error: @Body takes the whole of it: declare a type with the field, and remove the name",
                "5:30 error: @Body takes the whole of it: declare a type with the field, and remove the name",
                "5:61 error: @Queries takes the whole of it: declare a type with the field, and remove the name",
                "6:23 error: a request for @Get has no body: take `order` with @Query or @Queries, or use @Post",
                "7:23 error: a request for @Sse has no body: take `order` with @Query or @Queries, or use @Post",
            ],
            fixed: """
                @Controller struct Orders {
                    @Get("/:id") func a(@Param @Query id: Int) {}
                    @Post("/b") func b(@Body a: A, @Form b: B) {}
                    @Post("/c") func c(@Query _ a: A, @Body("b") b: B) {}
                    @Post("/d") func d(@Body("name") name: String, @Queries("x") filter: Filter) {}
                    @Get("/e") func e(@Body order: NewOrder) {}
                    @Sse("/f") func f(@Form order: NewOrder) -> AsyncStream<ServerSentEvent> {}
                }
                """)
    }

    @Test("want a name where there is one to look for")
    func names() {
        expect(
            """
            @Controller struct Orders {
                @Get("/a") func a(@Query _: Int, @Query("") b: Int, @CookieValue _: String?) {}
                @Get("/b") func b(@Headers ifMatch: String?, @Headers("") a: String?) {}
                @Get("/c") func c(@Queries filter: Filter = Filter()) {}
                @Post("/d") func d(@Form upload: Upload? = nil) {}
            }
            """,
            reports: [
                #"2:23 error: a parameter called `_` has no name to look for: write `@Query("id")`"#,
                #"2:45 error: @Query needs a name: write `@Query("b")`"#,
                #"2:57 error: a parameter called `_` has no name to look for: write `@CookieValue("id")`"#,
                #"3:23 error: @Headers needs a header's name: write `@Headers("if-match")`"#,
                #"3:59 error: @Headers needs a name: write `@Headers("a")`"#,
                "4:47 error: @Queries is made of what is there: give default values to the fields of its type",
                "5:46 error: @Form is made of what is there: give default values to the fields of its type",
            ])
    }

    @Test("want attributes of this framework")
    func otherNames() {
        expect(
            """
            @Controller struct Orders {
                @Get("/a") func a(@Cookie("a") a: String?, @Header("b") b: String?) {}
                @Post("/b") func b(@UploadedFile file: File) {}
                @Get("/c") func c(context: MessageContext) {}
                @MessagePattern("d") func d(context: HTTPContext) {}
                @Get("/e") func e(_ number: inout Int, _ other: some Codable) {}
            }
            """,
            reports: [
                "2:23 error: @Cookie takes nothing from a request: write `@CookieValue`",
                "2:48 error: @Header takes nothing from a request: write `@Headers`",
                "3:24 error: @UploadedFile takes nothing from a request: write `@Form`",
                "4:32 error: a request over HTTP has no MessageContext: write `HTTPContext`, or give messages a "
                    + "method of their own",
                "5:42 error: a message has no HTTPContext: write `MessageContext`, or give the route a method of "
                    + "its own",
                "6:33 error: a handler's parameter cannot be inout: write `Int` and return what changed",
                "6:53 error: a handler cannot be generic: write the payload's type out",
            ])
    }

    @Test("want attributes of parameters on routes")
    func sources() {
        expect(
            """
            @Controller struct Orders {
                @Get("/a") func a() {}
                func b(@Query c: Int, @Body d: Int) {}
                @MessagePattern("c") func c(@Body order: Order) {}
                @MessagePattern("d") @Post func d(@Body order: Order) {}
            }
            """,
            reports: [
                "3:12 error: @Query reads a request over HTTP, and `b` is no route: add @Get, @Post or another one, "
                    + "or remove it",
                "3:27 error: @Body reads a request over HTTP, and `b` is no route: add @Get, @Post or another one, "
                    + "or remove it",
                "4:33 error: @Body reads a request over HTTP, and `c` is no route: add @Get, @Post or another one, "
                    + "or remove it",
            ])
    }

    @Test("want an answer that is possible")
    func answers() {
        expect(
            """
            @Controller struct Orders {
                @Get("/a") @HTTPCode(204) func a() -> Int {}
                @Get("/b") @HTTPCode(200) @HTTPCode(201) func b() -> Int {}
                @Get("/c") @HTTPCode(200) @Redirect("/x") func c() {}
                @Get("/d") @Redirect("/x") func d() -> Int {}
                @Get("/e") @Redirect("/x") func e() -> Redirect {}
                @Sse("/f") func f() {}
                @Get("/g") @HTTPCode(20) func g() {}
                @Get("/h") @Redirect("/x", 200) func h() {}
                @Get("/i") @Header("Cache Control", "no-store") @Header("", "x") func i() {}
            }
            """,
            reports: [
                "8:26 error: an answer has a status from 200 to 599: write `@HTTPCode(204)`",
                "9:32 error: a redirect has a status from 300 to 399: write `302`, or `301` for good",
                "10:24 error: `Cache Control` is no name of a header: write one word as in "
                    + #"`@Header("Cache-Control", "no-store")`"#,
                #"10:61 error: `` is no name of a header: write one word as in `@Header("Cache-Control", "#
                    + #""no-store")`"#,
                "2:40 error: a 204 answer has no body: remove the result, or choose another status",
                "3:31 error: a route has one status: remove one @HTTPCode",
                #"4:16 error: @Redirect has a status of its own: write `@Redirect("/there", 301)` and remove "#
                    + "@HTTPCode",
                "5:41 error: @Redirect answers for the method: remove the result, or return `Redirect?` to go "
                    + "elsewhere at times",
                "6:41 error: @Redirect answers for the method: remove the result, or return `Redirect?` to go "
                    + "elsewhere at times",
                "7:21 error: @Sse sends the events that the method returns: write `-> AsyncStream<ServerSentEvent>`",
            ])
    }

    @Test("want settings on routes of a controller")
    func places() {
        expect(
            """
            @Controller struct Orders {
                @HTTPCode(204) @MessagePattern("a") func a() {}
                @Header("a", "b") func b() {}
                @Get("/c") var c: Int { 1 }
                #if DEBUG
                @Get("/d") func d() {}
                #endif
                @Get("/e") static func e() {}
            }
            extension Orders {
                @Get("/f") @HTTPCode(201) func f() {}
            }
            struct Others {
                @Post @Redirect("/x") func g() {}
            }
            """,
            reports: [
                "2:5 error: @HTTPCode is about the answer of a route: add @Get, @Post or another one, or remove it",
                "3:5 error: @Header is about the answer of a route: add @Get, @Post or another one, or remove it",
                "4:5 error: @Get marks a method: move it to the `func` that is to be called",
                "8:16 error: a handler is called on an instance of `Orders`: remove `static` [remove `static`]",
                "6:21 error: a handler inside #if is not seen by the macro: put the #if inside the body of `d`",
                "11:5 error: @Get is not seen in an extension: move it into the body of the type with @Controller",
                "11:16 error: @HTTPCode is not seen in an extension: move it into the body of the type with "
                    + "@Controller",
                "14:5 error: @Post does nothing here: mark `Others` with @Controller",
                "14:11 error: @Redirect does nothing here: mark `Others` with @Controller",
            ],
            fixed: """
                @Controller struct Orders {
                    @HTTPCode(204) @MessagePattern("a") func a() {}
                    @Header("a", "b") func b() {}
                    @Get("/c") var c: Int { 1 }
                    #if DEBUG
                    @Get("/d") func d() {}
                    #endif
                    @Get("/e") func e() {}
                }
                extension Orders {
                    @Get("/f") @HTTPCode(201) func f() {}
                }
                struct Others {
                    @Post @Redirect("/x") func g() {}
                }
                """)
    }
}
