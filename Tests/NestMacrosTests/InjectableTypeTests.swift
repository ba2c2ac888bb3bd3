import Testing

@Suite("@Injectable by type") struct InjectableTypeTests {
    @Test("names labels as calls do")
    func keywords() {
        expectExpansion(
            """
            @Injectable final class Cache {
                let `default`: Store
                let `var`: Store
            }
            """,
            to: """
                final class Cache {
                    let `default`: Store
                    let `var`: Store

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Store.self),
                            NestCore.Dependency(Store.self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Cache {
                        try await Cache(
                            default: resolver.resolve(Store.self),
                            `var`: resolver.resolve(Store.self)
                        )
                    }

                    init(`default`: Store, `var`: Store) {
                        self.`default` = `default`
                        self.`var` = `var`
                    }
                }

                extension Cache: NestCore.Injectable {}
                """)
    }

    @Test("makes a type that asks for nothing")
    func nothing() {
        expectExpansion(
            "@Injectable struct Clock {}",
            to: """
                struct Clock {

                    static func make(from resolver: NestCore.Resolver) async throws -> Clock {
                        Clock()
                    }
                }

                extension Clock: NestCore.Injectable {}
                """)
    }

    @Test("makes generic types")
    func generics() {
        expectExpansion(
            "@Injectable struct Cache<Value: Sendable> { let store: Store<Value> }",
            to: """
                struct Cache<Value: Sendable> { let store: Store<Value> 

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Store<Value>.self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Cache {
                        try await Cache(store: resolver.resolve(Store<Value>.self))
                    }
                }

                extension Cache: NestCore.Injectable {}
                """)
    }

    @Test("says how long a value lives")
    func scope() {
        expectExpansion(
            "@Injectable(scope: .request) package struct Unit {}",
            to: """
                package struct Unit {

                    package nonisolated static var scope: NestCore.Scope { .request }

                    package static func make(from resolver: NestCore.Resolver) async throws -> Unit {
                        Unit()
                    }
                }

                extension Unit: NestCore.Injectable {}
                """)
    }

    @Test("adds no conformance that is there")
    func conforming() {
        expectExpansion(
            "@Injectable struct Unit: Injectable {}",
            to: """
                struct Unit: Injectable {

                    static func make(from resolver: NestCore.Resolver) async throws -> Unit {
                        Unit()
                    }
                }
                """, conforming: true)
    }

    @Test("knows the type that several properties share")
    func shared() {
        expectExpansion(
            "@Injectable struct Unit: Sendable { let a, b: Int }",
            to: """
                struct Unit: Sendable { let a, b: Int 

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Int.self),
                            NestCore.Dependency(Int.self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Unit {
                        try await Unit(
                            a: resolver.resolve(Int.self),
                            b: resolver.resolve(Int.self)
                        )
                    }
                }

                extension Unit: NestCore.Injectable {}
                """)
    }
}
