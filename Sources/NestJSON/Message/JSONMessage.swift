/// A type that reads and writes its JSON itself, without `Codable`'s containers; usually written with `@Message`.
///
/// ``JSONCodec`` uses these two wherever such a type stands, at the top or inside others, unless it was told to convert
/// keys: then the type goes through its `Codable` like any other. Both ways must mean the same JSON.
public protocol JSONMessage: Codable, Sendable {
    /// Reads one value. Bytes behind it are left to the caller.
    init(from reader: inout JSONReader) throws

    /// Writes exactly one value.
    func write(to writer: inout JSONWriter) throws
}
