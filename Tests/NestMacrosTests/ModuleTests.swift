import Testing

@Suite("@Module") struct ModuleTests {
    @Test("writes the lists as metadata")
    func lists() {
        expectExpansion(
            """
            @Module(
                imports: [DatabaseModule.self, ClientsModule.register([orders]), ModuleImport(Other.self)],
                providers: [OrderRepository.self, Cache<Order>.self, Provider.value(1, named: "N")],
                controllers: [Orders.self],
                exports: [OrderRepository.self, ModuleExport(Int.self, named: "N")],
                isGlobal: true)
            enum OrdersModule {}
            """,
            to: """
                enum OrdersModule {

                    nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata(
                            imports: [
                                NestCore.ModuleImport(DatabaseModule.self),
                                NestCore.ModuleImport(ClientsModule.register([orders])),
                                ModuleImport(Other.self),
                            ],
                            providers: [
                                NestCore.Provider(OrderRepository.self),
                                NestCore.Provider(Cache<Order>.self),
                                Provider.value(1, named: "N"),
                            ],
                            controllers: [
                                Orders.self,
                            ],
                            exports: [
                                NestCore.ModuleExport(OrderRepository.self),
                                ModuleExport(Int.self, named: "N"),
                            ],
                            isGlobal: true
                        )
                    }
                }

                extension OrdersModule: NestCore.Module {}
                """)
    }

    @Test("needs no list")
    func empty() {
        expectExpansion(
            "@Module enum Empty {}",
            to: """
                enum Empty {

                    nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata()
                    }
                }

                extension Empty: NestCore.Module {}
                """)
        expectExpansion(
            "@Module(imports: [], isGlobal: flag) struct Empty {}",
            to: """
                struct Empty {

                    nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata(
                            isGlobal: flag
                        )
                    }
                }

                extension Empty: NestCore.Module {}
                """)
    }

    @Test("stands on every kind of type")
    func kinds() {
        expectExpansion(
            "@Module public final class Root {}",
            to: """
                public final class Root {

                    public nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata()
                    }
                }

                extension Root: NestCore.Module {}
                """)
        expectExpansion(
            "@Module package actor Root {}",
            to: """
                package actor Root {

                    package nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata()
                    }
                }

                extension Root: NestCore.Module {}
                """)
        expectExpansion(
            "@MainActor @Module struct Root {}",
            to: """
                @MainActor struct Root {

                    nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata()
                    }
                }

                extension Root: NestCore.Module {}
                """)
    }

    @Test("adds no conformance that is there")
    func conforming() {
        expectExpansion(
            "@Module struct Root: Module {}",
            to: """
                struct Root: Module {

                    nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata()
                    }
                }
                """, conforming: true)
    }

    @Test("keeps literals of several lines as they are")
    func strings() {
        expectExpansion(
            #"""
            @Module(providers: [
                Provider.value(
                    """
                    one

                    two
                    """),
            ])
            enum Root {}
            """#,
            to: #"""
                enum Root {

                    nonisolated static var metadata: NestCore.ModuleMetadata {
                        NestCore.ModuleMetadata(
                            providers: [
                                Provider.value(
                                        """
                                        one

                                        two
                                        """),
                            ]
                        )
                    }
                }

                extension Root: NestCore.Module {}
                """#)
    }

    @Test("wants lists written out")
    func computed() {
        expect(
            """
            @Module(imports: common, controllers: [Orders.self] + more)
            enum Root {}
            """,
            reports: [
                "1:18 error: @Module reads the elements of `imports`: write the array out here, as in "
                    + "`imports: [Orders.self]`, or write `static var metadata` yourself",
                "1:39 error: @Module reads the elements of `controllers`: write the array out here, as "
                    + "in `controllers: [Orders.self]`, or write `static var metadata` yourself",
            ])
    }

    @Test("wants a final class")
    func classes() {
        expect(
            "@Module public class Root {}",
            reports: [
                "1:16 error: @Module needs a class that is Sendable and cannot be inherited from: write "
                    + "`final class Root` [add `final`]"
            ],
            fixed: "@Module public final class Root {}")
        expect(
            "@Module open class Root {}",
            reports: [
                "1:14 error: @Module needs a class that is Sendable and cannot be inherited from: write "
                    + "`final class Root`"
            ])
    }

    @Test("cannot extend a private type in another")
    func nested() {
        expect(
            """
            struct Outer {
                @Module private enum Inner {}
            }
            """,
            reports: [
                "2:13 error: @Module adds an extension, and none can see a private type inside another: "
                    + "write `fileprivate` [write `fileprivate`]"
            ],
            fixed: """
                struct Outer {
                    @Module fileprivate enum Inner {}
                }
                """)
    }

    @Test("wants a type")
    func protocols() {
        expect(
            "@Module protocol Root {}",
            reports: [
                "1:9 error: @Module needs a type: write `enum Root`"
            ])
    }
}
