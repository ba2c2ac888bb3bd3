import Testing

@Suite("@OnEvent") struct EventListenerTests {
    @Test("takes every shape, in an injectable")
    func shapes() {
        expectExpansion(
            """
            @Injectable public struct Mailer {
                let smtp: SMTP
                @OnEvent("order.created") func a(_ order: Order) async throws {}
                @OnEvent("order.*") func b() {}
                @OnEvent(Names.paid) private func c(payment order: Order?) throws {}
                @OnEvent("x") @OnEvent("y") func d(event: (any Event)!) {}
            }
            """,
            to: """
                public struct Mailer {
                    let smtp: SMTP
                    func a(_ order: Order) async throws {}
                    func b() {}
                    private func c(payment order: Order?) throws {}
                    func d(event: (any Event)!) {}

                    public nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(SMTP.self),
                        ]
                    }

                    public static func make(from resolver: NestCore.Resolver) async throws -> Mailer {
                        try await Mailer(smtp: resolver.resolve(SMTP.self))
                    }

                    public nonisolated static var eventHandlers: [NestMessaging.EventHandler<Mailer>] {
                        [
                            .on("order.created", name: "a") { (listener: Mailer, event: Order) in
                                try await listener.a(event)
                            },
                            .on("order.*", name: "b") { (listener: Mailer) in
                                listener.b()
                            },
                            .on(Names.paid, name: "c") { (listener: Mailer, event: Order?) in
                                try listener.c(payment: event)
                            },
                            .on("x", name: "d") { (listener: Mailer, event: (any Event)?) in
                                listener.d(event: event)
                            },
                            .on("y", name: "d") { (listener: Mailer, event: (any Event)?) in
                                listener.d(event: event)
                            },
                        ]
                    }
                }

                extension Mailer: NestCore.Injectable, NestMessaging.EventListener {}
                """)
    }

    @Test("waits for the methods of an actor, in a controller too")
    func isolation() {
        expectExpansion(
            """
            @Controller actor Audit {
                @OnEvent("order.created") func a(_ order: Order) {}
                @MessagePattern("audit.count") func count() -> Int { 1 }
            }
            """,
            to: """
                actor Audit {
                    func a(_ order: Order) {}
                    func count() -> Int { 1 }

                    static func make(from resolver: NestCore.Resolver) async throws -> Audit {
                        Audit()
                    }

                    nonisolated static var handlers: [NestMessaging.Handler<Audit>] {
                        [
                            .message("audit.count", name: "count") { (controller: Audit, _: NestMessaging.NoPayload, _) in
                                await controller.count()
                            },
                        ]
                    }

                    nonisolated static var eventHandlers: [NestMessaging.EventHandler<Audit>] {
                        [
                            .on("order.created", name: "a") { (listener: Audit, event: Order) in
                                await listener.a(event)
                            },
                        ]
                    }
                }

                extension Audit: NestMessaging.Controller, NestMessaging.EventListener {}
                """)
    }

    @Test("adds no conformance that is there")
    func conforming() {
        expectExpansion(
            """
            @Injectable struct Mailer: Injectable, EventListener {
                @OnEvent("a") func a() {}
            }
            """,
            to: """
                struct Mailer: Injectable, EventListener {
                    @OnEvent("a") func a() {}

                    static func make(from resolver: NestCore.Resolver) async throws -> Mailer {
                        Mailer()
                    }

                    nonisolated static var eventHandlers: [NestMessaging.EventHandler<Mailer>] {
                        [
                            .on("a", name: "a") { (listener: Mailer) in
                                listener.a()
                            },
                        ]
                    }
                }
                """, conforming: true)
    }

    @Test("takes the event and nothing else")
    func parameters() {
        expect(
            """
            @Injectable struct Mailer {
                @OnEvent("a") func a(_ order: Order, _ context: MessageContext) {}
                @OnEvent("b") func b(_ order: Order, again: Order) {}
                @OnEvent("c") static func c() {}
            }
            """,
            reports: [
                "2:42 error: an event of this process comes without a MessageContext: remove the "
                    + "parameter, or receive messages with @EventPattern",
                "3:42 error: a method with @OnEvent takes (event) or (): remove this parameter",
                "4:19 error: a handler is called on an instance of `Mailer`: remove `static` [remove "
                    + "`static`]",
            ],
            fixed: """
                @Injectable struct Mailer {
                    @OnEvent("a") func a(_ order: Order, _ context: MessageContext) {}
                    @OnEvent("b") func b(_ order: Order, again: Order) {}
                    @OnEvent("c") func c() {}
                }
                """)
    }
}
