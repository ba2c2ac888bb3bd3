/// How one thing that can be injected comes to be: from its type, a value, a factory or another provider.
public struct Provider: Sendable {
    /// What the provider was made from.
    enum Source {
        case type(any Injectable.Type)
        case value
        case factory
        case alias(Token)
    }

    package let token: Token
    package let dependencies: [Dependency]
    let declaredScope: Scope
    let source: Source
    let make: @Sendable (Resolver) async throws -> any Sendable

    init(
        _ token: Token, source: Source, scope: Scope = .singleton, dependencies: [Dependency] = [],
        make: @escaping @Sendable (Resolver) async throws -> any Sendable
    ) {
        self.token = token
        self.source = source
        self.dependencies = dependencies
        self.make = make
        declaredScope = scope
    }

    /// An injectable type, found by itself.
    public init<T: Injectable>(_ type: T.Type) {
        self.init(Token(type), source: .type(type), scope: T.scope, dependencies: T.dependencies) { resolver in
            try await T.make(from: resolver)
        }
    }

    /// An injectable type that is found by something else: a protocol or a superclass, or a name.
    ///
    /// - Parameters:
    ///   - type: What is made.
    ///   - token: What is asked for, such as `(any Repository).self`. The type must be one; that is checked when it
    ///     is made.
    ///   - name: A name to tell it from other providers of the same type.
    ///   - scope: Instead of the type's own scope.
    public static func type<T: Injectable, P>(
        _ type: T.Type, as token: P.Type, named name: String? = nil, scope: Scope? = nil
    ) -> Provider {
        let token = Token(token, named: name)
        return Provider(token, source: .type(type), scope: scope ?? T.scope, dependencies: T.dependencies) { resolver in
            let made = try await T.make(from: resolver)
            guard made is P else { throw ApplicationError.mismatch(token, made) }
            return made
        }
    }

    /// An injectable type under a name, or with another scope than its own.
    public static func type<T: Injectable>(
        _ type: T.Type, named name: String? = nil, scope: Scope? = nil
    ) -> Provider {
        .type(type, as: type, named: name, scope: scope)
    }

    /// A value that is there already.
    ///
    /// - Parameters:
    ///   - value: The value. Its lifecycle hooks are called like those of any other singleton.
    ///   - type: What it is found by; its own type unless said.
    ///   - name: A name to tell it from other values of the same type.
    public static func value<T: Sendable>(_ value: T, as type: T.Type = T.self, named name: String? = nil) -> Provider {
        Provider(Token(type, named: name), source: .value) { _ in value }
    }

    /// A second way to find a provider: the same object, and the same scope.
    public static func alias<P, T>(
        _ token: P.Type, named name: String? = nil, to target: T.Type, named targetName: String? = nil
    ) -> Provider {
        let target = Token(target, named: targetName)
        return Provider(Token(token, named: name), source: .alias(target), dependencies: [Dependency(target)]) {
            guard let found = try await $0.source.instance(for: target) else { throw $0.source.missing(target) }
            return found
        }
    }

    var isAlias: Bool {
        if case .alias = source { return true }
        return false
    }

    /// The type that is made, when it is known beforehand.
    package var implementation: (any Injectable.Type)? {
        guard case .type(let type) = source else { return nil }
        return type
    }
}
