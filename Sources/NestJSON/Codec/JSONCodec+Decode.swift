extension JSONCodec {
    /// The value that `bytes` are the JSON of. Throws `DecodingError`, or what the type's own initializer throws.
    public func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: UnsafeRawBufferPointer
    ) throws -> Value {
        var reader = try reader(of: bytes)
        let value = try reader.decodable(type)
        try reader.expectEnd()
        return value
    }

    func reader(of bytes: UnsafeRawBufferPointer) throws -> JSONReader {
        guard let base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else {
            throw DecodingError.malformed(.init(.unexpectedEnd, 0))
        }
        return JSONReader(bytes: base, count: bytes.count, at: 0, root: 0, room: nestingLimit, codec: self)
    }

    /// The value that `bytes` are the JSON of. Throws `DecodingError`, or what the type's own initializer throws.
    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try bytes.withUnsafeBytes { try decode(type, from: $0) }
    }
}
