/// Takes a parameter of a route from the path.
///
/// ```swift
/// @Get("/:order-id") func one(@Param("order-id") id: UUID) -> Order { … }
/// ```
///
/// Needed only where the names differ: a parameter that is called like a part of the path is that part. The type is one
/// that a text can be: a number, `Bool`, `String`, `UUID`, an enum with raw values, or any other `Decodable` made of
/// one value. A text that is none is answered with status 400.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``; its argument is the name in the path, otherwise that of the parameter.
@propertyWrapper
@frozen
public struct Param<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value, _ name: String = "") { self.wrappedValue = wrappedValue }
}

extension Param: Sendable where Value: Sendable {}
