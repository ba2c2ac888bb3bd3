import Testing

@Suite("@UseGuards and the like, @Blocking") struct EnhancerTests {
    @Test("add nothing themselves")
    func markers() {
        expectExpansion(
            """
            @Controller struct Orders {
                @UseGuards(A.self) @UseInterceptors(B()) @UsePipes(C()) @UseFilters(D.self) @Blocking @MessagePattern("a")
                func a() {}
            }
            """,
            to: """
                struct Orders {

                    func a() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Orders {
                        Orders()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Orders>] {
                        [
                            .message("a", name: "a", options: NestMessaging.HandlerOptions(blocking: true), enhancers: NestMessaging.Enhancers(guards: [NestMessaging.GuardReference(A.self)], interceptors: [NestMessaging.InterceptorReference(B())], pipes: [NestMessaging.PipeReference(C())], filters: [NestMessaging.FilterReference(D.self)])) { (controller: Orders, _: NestMessaging.NoPayload, _) in
                                controller.a()
                            },
                        ]
                    }
                }

                extension Orders: NestMessaging.Controller {}
                """)
    }

    @Test("wants something to put there")
    func empty() {
        expect(
            """
            @Controller struct Orders {
                @UseGuards @MessagePattern("a") func a() {}
                @UseInterceptors() @MessagePattern("b") func b() {}
                @UsePipes() @MessagePattern("c") func c() {}
                @UseFilters() @MessagePattern("d") func d() {}
            }
            """,
            reports: [
                "2:5 error: @UseGuards names nothing: write `@UseGuards(AuthGuard.self)`",
                "3:5 error: @UseInterceptors names nothing: write "
                    + "`@UseInterceptors(TimingInterceptor.self)`",
                "4:5 error: @UsePipes names nothing: write `@UsePipes(TrimPipe())`",
                "5:5 error: @UseFilters names nothing: write `@UseFilters(NotFoundFilter.self)`",
            ])
    }

    @Test("wants a controller or a handler")
    func place() {
        expect(
            "@UseGuards(A.self) struct Orders {}",
            reports: [
                "1:1 error: @UseGuards goes on a @Controller type or on a handler in it: move it there"
            ])
        expect(
            """
            @UseGuards(A.self) @Injectable struct Orders {
                @UsePipes(A.self) var a = 1
            }
            """,
            reports: [
                "2:5 error: @UsePipes goes on a @Controller type or on a handler in it: move it there",
                "1:1 error: @UseGuards goes on a @Controller type or on a handler in it: move it there",
            ])
        expect(
            """
            @Controller struct Orders {
                @MessagePattern("a") func a() {}
                @UseFilters(A.self) func b() {}
                @UseGuards(A.self) @OnEvent("c") func c() {}
                @Blocking func d() {}
                @Blocking @OnEvent("e") func e() {}
                @Blocking var f = 1
            }
            """,
            reports: [
                "3:5 error: @UseFilters stands around a handler, and `b` is none: add @MessagePattern, "
                    + "@EventPattern or a route, or remove it",
                "4:5 error: @UseGuards stands around a handler, and `c` is none: add @MessagePattern, "
                    + "@EventPattern or a route, or remove it",
                "5:5 error: @Blocking says how a handler is run: add @MessagePattern, @EventPattern "
                    + "or a route, or remove it",
                "6:5 error: @Blocking says how a handler is run: add @MessagePattern, @EventPattern "
                    + "or a route, or remove it",
                "7:5 error: @Blocking says how a handler is run: add @MessagePattern, @EventPattern "
                    + "or a route, or remove it",
            ])
    }
}
