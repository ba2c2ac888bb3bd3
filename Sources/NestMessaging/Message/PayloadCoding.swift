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
        var buffer = ByteBuffer()
        var overflow: ByteBuffer?
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: usualSize) { memory in
            var writer = JSONWriter(codec: codec, into: memory)
            try writer.encodeWhole(value)
            if writer.isInLentMemory { return writer.length }
            overflow = writer.withBytes { ByteBuffer(bytes: $0) }
            return 0
        }
        return Payload(trusted: overflow ?? buffer)
    }

    /// Payloads up to here are written where they stay.
    private static var usualSize: Int { 500 }

    package static func payload(_ writer: borrowing JSONWriter) -> Payload {
        Payload(trusted: writer.withBytes { ByteBuffer(bytes: $0) })
    }
}
