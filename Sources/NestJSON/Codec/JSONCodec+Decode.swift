extension JSONCodec {
    /// The value that `bytes` are the JSON of. Throws `DecodingError`, or what the type's own initializer throws.
    public func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: UnsafeRawBufferPointer
    ) throws -> Value {
        guard let base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else {
            throw DecodingError.malformed(.init(.unexpectedEnd, 0))
        }
        var reader = JSONReader(
            bytes: base, count: bytes.count, at: 0, root: 0, room: nestingLimit, codec: self)
        let value = try reader.decodable(type)
        try reader.expectEnd()
        return value
    }

    /// The value that `bytes` are the JSON of. Throws `DecodingError`, or what the type's own initializer throws.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBytes { try decode(type, from: $0) }
    }
}
