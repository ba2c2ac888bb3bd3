/// Makes a parameter of a route of a form: `application/x-www-form-urlencoded`, or `multipart/form-data` with files.
///
/// ```swift
/// struct Upload: Decodable { var title: String; var file: UploadedFile }
///
/// @Post("/files") func store(@Form upload: Upload) -> Stored { … }
/// ```
///
/// A field of the type is that of the form with its name, as ``Query`` takes one; an ``UploadedFile`` is a file.
///
/// A property wrapper that only holds the value: calling the method takes a plain one. It means something on the
/// parameters of routes alone, see ``Get(_:)``.
@propertyWrapper
@frozen
public struct Form<Value> {
    /// The value that was read.
    public let wrappedValue: Value

    /// Holds a value. What is read, and under which name, is known to the macro of the controller.
    @inlinable
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
}

extension Form: Sendable where Value: Sendable {}
