import Testing

@Suite("Routes: limits") struct RouteLimitTests {
    @Test("a route has limits of its own")
    func limits() {
        expectExpansion(
            """
            @Controller struct Files {
                @Post @BodyLimit(10 << 20) @Timeout(.seconds(5)) @Header("A", "b") @Blocking func a(_ file: File) {}
                @Get @Timeout(Times.long) func b() -> Int {}
            }
            """,
            to: """
                struct Files {
                    func a(_ file: File) {}
                    func b() -> Int {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Files {
                        Files()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Files>] {
                        [
                            .post("", name: "a", options: NestHTTP.HTTPHandlerOptions(headers: ["A": "b"], maxBodySize: 10 << 20, timeout: .seconds(5), blocking: true)) { (controller: Files, call: NestHTTP.HTTPCall) in
                                try await controller.a(call.body(as: File.self))
                            },
                            .get("", name: "b", options: NestHTTP.HTTPHandlerOptions(timeout: Times.long)) { (controller: Files, call: NestHTTP.HTTPCall) in
                                controller.b()
                            },
                        ]
                    }
                }

                extension Files: NestMessaging.Controller {}
                """)
    }

    @Test("one of a kind, on a route, and possible")
    func problems() {
        expect(
            """
            @Controller struct Files {
                @Get("/a") @BodyLimit(1) @BodyLimit(2) func a() {}
                @Get("/b") @Timeout(.seconds(1)) @Timeout(.seconds(2)) func b() {}
                @Get("/c") @BodyLimit(-1) func c() {}
                @BodyLimit(1) func d() {}
            }
            """,
            reports: [
                "4:27 error: a body has no negative length: write `@BodyLimit(1 << 20)`",
                "5:5 error: @BodyLimit is about a route: add @Get, @Post or another one, or remove it",
                "2:30 error: a route has one limit of this kind: remove one @BodyLimit",
                "3:38 error: a route has one limit of this kind: remove one @Timeout",
            ])
    }
}
