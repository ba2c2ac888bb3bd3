/// Takes a parameter of a route from the query.
///
/// ```swift
/// @Get func list(@Query page: Int = 1, @Query("q") text: String?, @Query tag: [String]) -> [Order] { … }
/// ```
///
/// An optional is nil and an array is empty when the query does not have it; with a default value that is taken;
/// otherwise the request is answered with status 400, as is a text that the type does not take. Types are those of
/// ``Param``; an array has all values of the name, in order.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``; its argument is the name in the query, otherwise that of the parameter.
@propertyWrapper
@frozen
public struct Query<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value, _ name: String = "") { self.wrappedValue = wrappedValue }
}

extension Query: Sendable where Value: Sendable {}
