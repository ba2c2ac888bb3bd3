import Testing

@Suite("@Controller") struct ControllerTests {
    @Test("expands a struct")
    func structs() {
        expectExpansion(
            """
            @Controller("orders", scope: .request)
            public struct Orders {
                let repository: Repository

                @MessagePattern("orders.create") func create(_ order: NewOrder) -> Order { order }
            }
            """,
            to: """
                public struct Orders {
                    let repository: Repository

                    func create(_ order: NewOrder) -> Order { order }

                    public nonisolated static var scope: NestCore.Scope { .request }

                    public nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Repository.self),
                        ]
                    }

                    public static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        try await Orders(repository: resolver.resolve(Repository.self))
                    }

                    public nonisolated static var path: String { "orders" }

                    public nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message("orders.create", name: "create") { (controller: Orders, payload: NewOrder, _) in
                                controller.create(payload)
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("expands a final class")
    func classes() {
        expectExpansion(
            """
            @Controller final class Orders {
                let repository: Repository
                @MessagePattern("a") func a() {}
                @MessagePattern("b") func b() async {}
            }
            """,
            to: """
                final class Orders {
                    let repository: Repository
                    func a() {}
                    func b() async {}

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Repository.self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        try await Orders(repository: resolver.resolve(Repository.self))
                    }

                    init(repository: Repository) {
                        self.repository = repository
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message("a", name: "a") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                            .message("b", name: "b") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                await controller.b()
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("waits for the methods of an actor")
    func actors() {
        expectExpansion(
            """
            @Controller actor Orders {
                private var count = 0
                @MessagePattern("a") private func a() -> Int { count }
                @EventPattern("b") func b() throws {}
                @MessagePattern("c") nonisolated func c() -> Int { 1 }
            }
            """,
            to: """
                actor Orders {
                    private var count = 0
                    private func a() -> Int { count }
                    func b() throws {}
                    nonisolated func c() -> Int { 1 }

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message("a", name: "a") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                await controller.a()
                            },
                            .event("b", name: "b") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                try await controller.b()
                            },
                            .message("c", name: "c") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                controller.c()
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("waits for the methods of a global actor")
    func mainActor() {
        expectExpansion(
            """
            @MainActor @Controller final class Screen {
                @MessagePattern("a") func a() {}
                @MessagePattern("b") nonisolated func b() {}
            }
            """,
            to: """
                @MainActor final class Screen {
                    func a() {}
                    nonisolated func b() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Screen {
                        Screen()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Screen>] {
                        [
                            .message("a", name: "a") { (controller: Screen, _: NestMessaging.NoPayload, _) in
                                await controller.a()
                            },
                            .message("b", name: "b") { (controller: Screen, _: NestMessaging.NoPayload, _) in
                                controller.b()
                            },
                        ]
                    }
                }

                extension Screen: NestMessaging.Controller {}
                """)
        expectExpansion(
            """
            @Controller struct Screen {
                @DatabaseActor @MessagePattern("a") func a() throws {}
            }
            """,
            to: """
                struct Screen {
                    @DatabaseActor func a() throws {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Screen {
                        Screen()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Screen>] {
                        [
                            .message("a", name: "a") { (controller: Screen, _: NestMessaging.NoPayload, _) in
                                try await controller.a()
                            },
                        ]
                    }
                }

                extension Screen: NestMessaging.Controller {}
                """)
    }

    @Test("puts what stands around all handlers")
    func enhancers() {
        expectExpansion(
            """
            @Controller
            @UsePipes(TrimPipe()) @UseGuards(AuthGuard.self, RolesGuard("admin"))
            @UseFilters(NotFound.self) @UseInterceptors(Timing.self) @UseGuards(GuardReference(Last()))
            struct Orders {
                @MessagePattern("a") func a() {}
            }
            """,
            to: """
                struct Orders {
                    func a() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var enhancers: NestMessaging.Enhancers {
                        NestMessaging.Enhancers(guards: [NestMessaging.GuardReference(AuthGuard.self), NestMessaging.GuardReference(RolesGuard("admin")), GuardReference(Last())], interceptors: [NestMessaging.InterceptorReference(Timing.self)], pipes: [NestMessaging.PipeReference(TrimPipe())], filters: [NestMessaging.FilterReference(NotFound.self)])
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message("a", name: "a") { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("leaves handlers of the user alone")
    func ownHandlers() {
        expectExpansion(
            """
            @Controller struct Orders {
                static var handlers: [Handler<Orders>] { [] }
            }
            """,
            to: """
                struct Orders {
                    static var handlers: [Handler<Orders>] { [] }

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("adds no conformance that is there")
    func conforming() {
        expectExpansion(
            """
            @Controller struct Orders: Controller, EventListener {
                static var handlers: [Handler<Orders>] { [] }
            }
            """,
            to: """
                struct Orders: Controller, EventListener {
                    static var handlers: [Handler<Orders>] { [] }

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }
                }
                """, conforming: true)
    }
}
