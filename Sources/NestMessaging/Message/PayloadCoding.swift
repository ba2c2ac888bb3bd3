import NIOCore

/// The one place where handlers' values become bytes and back.
package enum PayloadCoding {
    @inline(__always)
    package static func decode<Value: Decodable>(
        _ type: Value.Type, from payload: Payload, codec: JSONCodec
    ) throws -> Value {
        // The same type: a cast would look it up at run time.
        if Value.self == Payload.self { return unsafeBitCast(payload, to: Value.self) }
        return try payload.withBytes { try codec.decode(type, from: $0) }
    }

    @inline(__always)
    package static func encode<Value: Encodable>(_ value: Value, codec: JSONCodec) throws -> Payload {
        if Value.self == Payload.self { return unsafeBitCast(value, to: Payload.self) }
        var writer = JSONWriter()
        try codec.encode(value, to: &writer)
        return payload(writer)
    }

    package static func payload(_ writer: borrowing JSONWriter) -> Payload {
        Payload(trusted: writer.withBytes { ByteBuffer(bytes: $0) })
    }
}
