import NIOCore

/// Anywhere inside a `Codable` type: our codec takes the bytes as they are, any other goes through ``JSONValue``.
extension Payload: JSONMessage {
    /// Takes the next value's bytes.
    public init(from reader: inout JSONReader) throws {
        self.init(trusted: try reader.rawValue { ByteBuffer(bytes: $0) })
    }

    /// Splices the bytes in.
    public func write(to writer: inout JSONWriter) throws {
        withBytes { writer.raw($0) }
    }

    /// Takes whatever value stands there.
    public init(from decoder: any Decoder) throws {
        self = try Payload(encoding: JSONValue(from: decoder))
    }

    /// Writes the value that the bytes stand for.
    public func encode(to encoder: any Encoder) throws {
        try decode(JSONValue.self).encode(to: encoder)
    }
}
