/// Takes a parameter of a route from a header of the request. A header of the answer is ``Header(_:_:)``.
///
/// ```swift
/// @Put("/:id") func change(id: UUID, @Headers("if-match") tag: String?, _ order: NewOrder) -> Order { … }
/// @Get func all(@Headers fields: HTTPFields) -> [String] { … }
/// ```
///
/// An optional is nil when there is no such header; with a default value that is taken; otherwise the request is
/// answered with status 400, as is a text that the type does not take. Without a name the parameter is an `HTTPFields`
/// and has all of them.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``; its argument is the name of the header, in any case.
@propertyWrapper
@frozen
public struct Headers<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value, _ name: String = "") { self.wrappedValue = wrappedValue }
}

extension Headers: Sendable where Value: Sendable {}
