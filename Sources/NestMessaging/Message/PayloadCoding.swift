import NIOCore

/// The one place where handlers' values become bytes and back.
package enum PayloadCoding {
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from payload: Payload, codec: JSONCodec
    ) throws -> Value {
        if type == Payload.self, let value = payload as? Value { return value }
        return try payload.buffer.withUnsafeReadableBytes { try codec.decode(type, from: $0) }
    }

    package static func encode<Value: Encodable>(_ value: Value, codec: JSONCodec) throws -> Payload {
        if let payload = value as? Payload { return payload }
        var writer = JSONWriter()
        try codec.encode(value, to: &writer)
        return Payload(trusted: writer.withBytes { ByteBuffer(bytes: $0) })
    }
}
