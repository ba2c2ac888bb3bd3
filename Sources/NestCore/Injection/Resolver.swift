/// What a factory gets its dependencies from: the providers that its module can see.
///
/// Meant for the time of making only. An object that wants to look things up later asks for ``ModuleRef``.
public struct Resolver: Sendable {
    let source: any ResolutionSource

    /// The provider of a type.
    ///
    /// - Throws: ``ApplicationError`` when there is none to be seen from this module, or it cannot be made.
    public func resolve<T>(_ type: T.Type = T.self, named name: String? = nil) async throws -> T {
        if let found = try await resolveOptional(type, named: name) { return found }
        guard let optional = T.self as? any OptionalType.Type else {
            throw source.missing(Token(type, named: name))
        }
        let wrapped = Token(optional.wrapped, named: name)
        guard let found = try await source.instance(for: wrapped) else { return try cast(optional.empty, of: wrapped) }
        return try cast(found, of: wrapped)
    }

    /// The provider of a type, or nil when there is none to be seen from this module.
    public func resolveOptional<T>(_ type: T.Type = T.self, named name: String? = nil) async throws -> T? {
        let token = Token(type, named: name)
        guard let found = try await source.instance(for: token) else { return nil }
        return try cast(found, of: token)
    }

    private func cast<T>(_ value: Any, of token: Token) throws -> T {
        guard let value = value as? T else { throw ApplicationError.mismatch(token, value) }
        return value
    }
}

/// Where a resolver looks.
protocol ResolutionSource: Sendable {
    /// The object behind a token; nil when the token is not visible.
    func instance(for token: Token) async throws -> (any Sendable)?
    /// Why it is not visible.
    func missing(_ token: Token) -> ApplicationError
}

extension ApplicationError {
    static func mismatch(_ token: Token, _ value: Any) -> ApplicationError {
        ApplicationError(.wrongType, "\(type(of: value)) is provided as \(token.type), but it is not one")
    }
}
