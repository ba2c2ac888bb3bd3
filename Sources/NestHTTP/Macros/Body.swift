/// Makes a parameter of a route of the body.
///
/// ```swift
/// @Post func create(@Body order: NewOrder, @Query dryRun: Bool = false) -> Order { … }
/// ```
///
/// Needed only for numbers, strings and the like: another parameter that nothing else is said of is the body of POST,
/// PUT, PATCH and DELETE already. The body is JSON, read as messages are, with the pipes of the route around it; a
/// `ByteBuffer`, a `Payload` or a `String` is the body as it came. An optional is nil for an empty body. JSON that does
/// not fit is answered with status 400, another content type with 415, a body above the limit with 413.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``.
@propertyWrapper
@frozen
public struct Body<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

extension Body: Sendable where Value: Sendable {}
