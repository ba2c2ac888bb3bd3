/// A type that the container can make: a provider or a controller. Usually written with `@Injectable`; by hand:
///
/// ```swift
/// struct Orders: Injectable {
///     let repository: any Repository
///
///     static var dependencies: [Dependency] { [Dependency((any Repository).self)] }
///     static func make(from resolver: Resolver) async throws -> Orders {
///         Orders(repository: try await resolver.resolve())
///     }
/// }
/// ```
public protocol Injectable: Sendable {
    /// How long an instance lives; ``Scope/singleton`` unless said.
    static var scope: Scope { get }
    /// All that ``make(from:)`` asks for; nothing unless said.
    ///
    /// What is listed here is checked before anything starts and decides about order and scope. What is not listed is
    /// found too, if it is visible, but a mistake shows only when the object is made.
    static var dependencies: [Dependency] { get }
    /// Makes an instance.
    static func make(from resolver: Resolver) async throws -> Self
}

extension Injectable {
    /// One for the application.
    public static var scope: Scope { .singleton }
    /// Nothing.
    public static var dependencies: [Dependency] { [] }
}
