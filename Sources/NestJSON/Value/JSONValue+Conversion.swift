extension JSONValue {
    /// The JSON that `codec` gives for a value.
    public init(encoding value: some Encodable, codec: JSONCodec = .default) throws {
        self = try JSONCodec.default.decode(JSONValue.self, from: codec.encode(value))
    }

    /// This value as a type of your own. Throws `DecodingError`.
    public func decode<Value: Decodable>(_ type: Value.Type, codec: JSONCodec = .default) throws -> Value {
        try codec.decode(type, from: JSONCodec.default.encode(self))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON.
    public var description: String {
        var writer = JSONWriter()
        writer.codec.nestingLimit = 512
        do {
            try writer.write(self)
        } catch {
            return "\(error)"
        }
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
