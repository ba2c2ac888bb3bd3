/// What a provider asks for, told before it is made, so that wiring can be checked before anything starts.
public struct Dependency: Sendable, Hashable {
    package let token: Token
    package let isOptional: Bool

    /// A dependency on the provider of a type.
    ///
    /// - Parameters:
    ///   - type: The type, or the protocol as `(any Repository).self`. `Repository?` is an optional dependency.
    ///   - name: The provider's name when it has one.
    ///   - optional: Whether it may be missing.
    public init<T>(_ type: T.Type, named name: String? = nil, optional: Bool = false) {
        let wrapped = (type as? any OptionalType.Type)?.wrapped
        token = Token(wrapped ?? type, named: name)
        isOptional = optional || wrapped != nil
    }

    init(_ token: Token) {
        self.token = token
        isOptional = false
    }
}
