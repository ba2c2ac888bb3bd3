/// Makes a parameter of a route of the whole query.
///
/// ```swift
/// struct Filter: Codable { var status: Status?; var limit: Int? }
///
/// @Get func list(@Queries filter: Filter) -> [Order] { … }
/// ```
///
/// Each field of the type is taken as ``Query`` takes one, and what the type does not name is ignored.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``.
@propertyWrapper
@frozen
public struct Queries<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

extension Queries: Sendable where Value: Sendable {}
