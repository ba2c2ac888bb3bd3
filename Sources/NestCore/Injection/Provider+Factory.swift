// One overload for each number of parameters: a parameter pack would take the closure off its caller's executor.

extension Provider {
    /// What a closure makes.
    ///
    /// - Parameters:
    ///   - name: A name to tell it from other providers of the same type.
    ///   - scope: How long what it makes lives.
    ///   - make: Its parameters are its dependencies (an optional parameter may be missing), its result's type is what
    ///     the provider is found by: say `-> any Repository` to hide the type behind a protocol.
    public static func factory<T: Sendable>(
        named name: String? = nil, scope: Scope = .singleton, _ make: @escaping @Sendable () async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: []) { _ in try await make() }
    }

    /// What a closure makes from one thing.
    public static func factory<T: Sendable, A: Sendable>(
        named name: String? = nil, scope: Scope = .singleton, _ make: @escaping @Sendable (A) async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: dependencies(A.self)) {
            try await make($0.resolve())
        }
    }

    /// What a closure makes from two things.
    public static func factory<T: Sendable, A: Sendable, B: Sendable>(
        named name: String? = nil, scope: Scope = .singleton, _ make: @escaping @Sendable (A, B) async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: dependencies(A.self, B.self)) {
            try await make($0.resolve(), $0.resolve())
        }
    }

    /// What a closure makes from three things.
    public static func factory<T: Sendable, A: Sendable, B: Sendable, C: Sendable>(
        named name: String? = nil, scope: Scope = .singleton, _ make: @escaping @Sendable (A, B, C) async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: dependencies(A.self, B.self, C.self)) {
            try await make($0.resolve(), $0.resolve(), $0.resolve())
        }
    }

    /// What a closure makes from four things.
    public static func factory<T: Sendable, A: Sendable, B: Sendable, C: Sendable, D: Sendable>(
        named name: String? = nil, scope: Scope = .singleton, _ make: @escaping @Sendable (A, B, C, D) async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: dependencies(A.self, B.self, C.self, D.self)) {
            try await make($0.resolve(), $0.resolve(), $0.resolve(), $0.resolve())
        }
    }

    /// What a closure makes from five things.
    public static func factory<T: Sendable, A: Sendable, B: Sendable, C: Sendable, D: Sendable, E: Sendable>(
        named name: String? = nil, scope: Scope = .singleton,
        _ make: @escaping @Sendable (A, B, C, D, E) async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: dependencies(A.self, B.self, C.self, D.self, E.self)) {
            try await make($0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve())
        }
    }

    /// What a closure makes from six things.
    public static func factory<
        T: Sendable, A: Sendable, B: Sendable, C: Sendable, D: Sendable, E: Sendable, F: Sendable
    >(
        named name: String? = nil, scope: Scope = .singleton,
        _ make: @escaping @Sendable (A, B, C, D, E, F) async throws -> T
    ) -> Provider {
        factory(named: name, scope: scope, dependencies: dependencies(A.self, B.self, C.self, D.self, E.self, F.self)) {
            try await make($0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve())
        }
    }

    /// What a closure makes from seven things.
    public static func factory<
        T: Sendable, A: Sendable, B: Sendable, C: Sendable, D: Sendable, E: Sendable, F: Sendable, G: Sendable
    >(
        named name: String? = nil, scope: Scope = .singleton,
        _ make: @escaping @Sendable (A, B, C, D, E, F, G) async throws -> T
    ) -> Provider {
        factory(
            named: name, scope: scope,
            dependencies: dependencies(A.self, B.self, C.self, D.self, E.self, F.self, G.self)
        ) {
            try await make(
                $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve())
        }
    }

    /// What a closure makes from eight things.
    public static func factory<
        T: Sendable, A: Sendable, B: Sendable, C: Sendable, D: Sendable, E: Sendable, F: Sendable, G: Sendable,
        H: Sendable
    >(
        named name: String? = nil, scope: Scope = .singleton,
        _ make: @escaping @Sendable (A, B, C, D, E, F, G, H) async throws -> T
    ) -> Provider {
        factory(
            named: name, scope: scope,
            dependencies: dependencies(A.self, B.self, C.self, D.self, E.self, F.self, G.self, H.self)
        ) {
            try await make(
                $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(), $0.resolve(),
                $0.resolve())
        }
    }

    /// What a closure makes with a resolver: for dependencies that have a name, or that differ from call to call.
    ///
    /// - Parameters:
    ///   - name: A name to tell it from other providers of the same type.
    ///   - scope: How long what it makes lives.
    ///   - dependencies: What it will ask the resolver for.
    ///   - make: Makes the object.
    public static func factory<T: Sendable>(
        named name: String? = nil, scope: Scope = .singleton, dependencies: [Dependency],
        _ make: @escaping @Sendable (Resolver) async throws -> T
    ) -> Provider {
        Provider(
            Token(T.self, named: name), source: .factory, scope: scope, dependencies: dependencies,
            make: { try await make($0) })
    }

    private static func dependencies<each T>(_ types: repeat (each T).Type) -> [Dependency] {
        var dependencies: [Dependency] = []
        for type in repeat each types { dependencies.append(Dependency(type)) }
        return dependencies
    }
}
