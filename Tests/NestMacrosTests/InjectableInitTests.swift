import Testing

@Suite("@Injectable with an init") struct InjectableInitTests {
    @Test("calls the init in the body")
    func ownInit() {
        expectExpansion(
            """
            @Injectable actor Mailer {
                @Inject("HOST") let host: String
                private let pool: Pool
                init(
                    host: String, _ pool: sending Pool, from clock: (any Clock)?, hook: @escaping @Sendable () -> Void,
                    retries: Int = 3
                ) async throws {
                    self.host = host
                    self.pool = pool
                }
            }
            """,
            to: """
                actor Mailer {
                    let host: String
                    private let pool: Pool
                    init(
                        host: String, _ pool: sending Pool, from clock: (any Clock)?, hook: @escaping @Sendable () -> Void,
                        retries: Int = 3
                    ) async throws {
                        self.host = host
                        self.pool = pool
                    }

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(String.self, named: "HOST"),
                            NestCore.Dependency(Pool.self),
                            NestCore.Dependency((any Clock).self, optional: true),
                            NestCore.Dependency((@Sendable () -> Void).self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Mailer {
                        try await Mailer(
                            host: resolver.resolve(String.self, named: "HOST"),
                            resolver.resolve(Pool.self),
                            from: resolver.resolveOptional((any Clock).self),
                            hook: resolver.resolve((@Sendable () -> Void).self)
                        )
                    }
                }

                extension Mailer: NestCore.Injectable {}
                """)
    }

    @Test("tries and waits only where it has to")
    func effects() {
        expectExpansion(
            "@Injectable struct Plain { init() {} }",
            to: """
                struct Plain { init() {} 

                    static func make(from resolver: NestCore.Resolver) async throws -> Plain {
                        Plain()
                    }
                }

                extension Plain: NestCore.Injectable {}
                """)
        expectExpansion(
            "@Injectable struct Thrower { init() throws {} }",
            to: """
                struct Thrower { init() throws {} 

                    static func make(from resolver: NestCore.Resolver) async throws -> Thrower {
                        try Thrower()
                    }
                }

                extension Thrower: NestCore.Injectable {}
                """)
        expectExpansion(
            "@Injectable struct Waiter { init() async {} }",
            to: """
                struct Waiter { init() async {} 

                    static func make(from resolver: NestCore.Resolver) async throws -> Waiter {
                        await Waiter()
                    }
                }

                extension Waiter: NestCore.Injectable {}
                """)
    }

    @Test("names a parameter that has a default value")
    func named() {
        expectExpansion(
            """
            @Injectable struct Mailer {
                @Inject("HOST") let host: String
                init(host: String = "localhost") { self.host = host }
            }
            """,
            to: """
                struct Mailer {
                    let host: String
                    init(host: String = "localhost") { self.host = host }

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(String.self, named: "HOST"),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Mailer {
                        try await Mailer(host: resolver.resolve(String.self, named: "HOST"))
                    }
                }

                extension Mailer: NestCore.Injectable {}
                """)
    }

    @Test("does not count convenience inits")
    func convenience() {
        expectExpansion(
            """
            @Injectable final class Mailer {
                let host: String
                init(host: String) { self.host = host }
                convenience init() { self.init(host: "") }
            }
            """,
            to: """
                final class Mailer {
                    let host: String
                    init(host: String) { self.host = host }
                    convenience init() { self.init(host: "") }

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(String.self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Mailer {
                        try await Mailer(host: resolver.resolve(String.self))
                    }
                }

                extension Mailer: NestCore.Injectable {}
                """)
    }

    @Test("leaves a make of the user alone")
    func ownMake() {
        expectExpansion(
            """
            @Injectable(scope: .transient) struct Mailer {
                init(a: Int) {}
                init(b: Int) {}
                static func make(from resolver: Resolver) -> Mailer { Mailer(a: 1) }
            }
            """,
            to: """
                struct Mailer {
                    init(a: Int) {}
                    init(b: Int) {}
                    static func make(from resolver: Resolver) -> Mailer { Mailer(a: 1) }

                    nonisolated static var scope: NestCore.Scope { .transient }
                }

                extension Mailer: NestCore.Injectable {}
                """)
    }

    @Test("wants one init")
    func several() {
        expect(
            """
            @Injectable struct Mailer {
                init(a: Int) {}
                init(b: Int) {}
            }
            """,
            reports: [
                "3:5 error: @Injectable has to know which init the container calls: keep one in "
                    + "`Mailer`, or write `static func make(from resolver: Resolver)` yourself"
            ])
    }

    @Test("wants a value or an error")
    func failable() {
        expect(
            """
            @Injectable struct Mailer {
                init?(a: Int) {}
            }
            """,
            reports: [
                "2:9 error: the container needs a value or an error: write `init` with `throws`"
            ])
    }

    @Test("wants parameters that can be filled in")
    func parameters() {
        expect(
            """
            @Injectable struct Mailer {
                init<T>(a: some Clock, b: inout Int, c: Int..., d: T, e: [some Clock], f: some Clock = Fake()) {}
            }
            """,
            reports: [
                "2:9 error: the container cannot choose the types of a generic init: write them out",
                "2:16 error: the container can fill in neither generic, inout nor variadic parameters: "
                    + "write a type such as `any Clock`, or give the parameter a default value",
                "2:31 error: the container can fill in neither generic, inout nor variadic parameters: "
                    + "write a type such as `any Clock`, or give the parameter a default value",
                "2:48 error: the container can fill in neither generic, inout nor variadic parameters: "
                    + "write a type such as `any Clock`, or give the parameter a default value",
                "2:63 error: the container can fill in neither generic, inout nor variadic parameters: "
                    + "write a type such as `any Clock`, or give the parameter a default value",
            ])
    }

    @Test("wants a parameter for a name")
    func unknownName() {
        expect(
            """
            @Injectable struct Mailer {
                @Inject("HOST") let host: String
                init() { host = "" }
            }
            """,
            reports: [
                "2:25 error: @Inject names a parameter of the init, and it has none called `host`: add "
                    + "the parameter or remove @Inject"
            ])
    }
}
