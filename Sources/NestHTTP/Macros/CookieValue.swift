/// Takes a parameter of a route from a cookie of the request.
///
/// ```swift
/// @Get("/me") func me(@CookieValue("session") id: String?) throws -> User { … }
/// ```
///
/// An optional is nil when there is no such cookie; with a default value that is taken; otherwise the request is
/// answered with status 400. It is not called `Cookie` because Hummingbird has a type of this name.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``; its argument is the name of the cookie, otherwise that of the
/// parameter.
@propertyWrapper
@frozen
public struct CookieValue<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value, _ name: String = "") { self.wrappedValue = wrappedValue }
}

extension CookieValue: Sendable where Value: Sendable {}
