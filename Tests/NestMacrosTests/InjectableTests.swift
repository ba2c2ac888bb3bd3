import Testing

@Suite("@Injectable") struct InjectableTests {
    @Test("calls the memberwise init of a struct")
    func structs() {
        expectExpansion(
            """
            @Injectable
            struct OrderRepository {
                let database: Database
                let clock: any Clock
                @Inject("REGION") let region: String
                let metrics: Metrics?
                let log: Optional<Log>
                let ids: [Int], names: [String: Int]
                let make: @Sendable (Int) -> Int
                var pageSize = 50
                var cached: Order?
                static let shared = 1
                var isEmpty: Bool { true }
                lazy var late = 1
            }
            """,
            to: """
                struct OrderRepository {
                    let database: Database
                    let clock: any Clock
                    let region: String
                    let metrics: Metrics?
                    let log: Optional<Log>
                    let ids: [Int], names: [String: Int]
                    let make: @Sendable (Int) -> Int
                    var pageSize = 50
                    var cached: Order?
                    static let shared = 1
                    var isEmpty: Bool { true }
                    lazy var late = 1

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Database.self),
                            NestCore.Dependency((any Clock).self),
                            NestCore.Dependency(String.self, named: "REGION"),
                            NestCore.Dependency(Metrics.self, optional: true),
                            NestCore.Dependency(Log.self, optional: true),
                            NestCore.Dependency([Int].self),
                            NestCore.Dependency([String: Int].self),
                            NestCore.Dependency((@Sendable (Int) -> Int).self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> OrderRepository {
                        try await OrderRepository(
                            database: resolver.resolve(Database.self),
                            clock: resolver.resolve((any Clock).self),
                            region: resolver.resolve(String.self, named: "REGION"),
                            metrics: resolver.resolveOptional(Metrics.self),
                            log: resolver.resolveOptional(Log.self),
                            ids: resolver.resolve([Int].self),
                            names: resolver.resolve([String: Int].self),
                            make: resolver.resolve((@Sendable (Int) -> Int).self)
                        )
                    }
                }

                extension OrderRepository: NestCore.Injectable {}
                """)
    }

    @Test("adds an init to a final class")
    func classes() {
        expectExpansion(
            """
            @Injectable final class Cache {
                let store: Store
                private let onMiss: @Sendable (Int) -> Int
                var hits = 0
            }
            """,
            to: """
                final class Cache {
                    let store: Store
                    private let onMiss: @Sendable (Int) -> Int
                    var hits = 0

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Store.self),
                            NestCore.Dependency((@Sendable (Int) -> Int).self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Cache {
                        try await Cache(
                            store: resolver.resolve(Store.self),
                            onMiss: resolver.resolve((@Sendable (Int) -> Int).self)
                        )
                    }

                    init(store: Store, onMiss: @escaping @Sendable (Int) -> Int) {
                        self.store = store
                        self.onMiss = onMiss
                    }
                }

                extension Cache: NestCore.Injectable {}
                """)
    }

    @Test("adds an init to an actor")
    func actors() {
        expectExpansion(
            """
            @Injectable public actor Cache {
                let store: Store
            }
            """,
            to: """
                public actor Cache {
                    let store: Store

                    public nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Store.self),
                        ]
                    }

                    public static func make(from resolver: NestCore.Resolver) async throws -> Cache {
                        try await Cache(store: resolver.resolve(Store.self))
                    }

                    init(store: Store) {
                        self.store = store
                    }
                }

                extension Cache: NestCore.Injectable {}
                """)
    }

    @Test("is made on the type's actor")
    func mainActor() {
        expectExpansion(
            """
            @MainActor @Injectable final class Screen {
                let store: Store
            }
            """,
            to: """
                @MainActor final class Screen {
                    let store: Store

                    nonisolated static var dependencies: [NestCore.Dependency] {
                        [
                            NestCore.Dependency(Store.self),
                        ]
                    }

                    static func make(from resolver: NestCore.Resolver) async throws -> Screen {
                        try await Screen(store: resolver.resolve(Store.self))
                    }

                    init(store: Store) {
                        self.store = store
                    }
                }

                extension Screen: NestCore.Injectable {}
                """)
    }
}
