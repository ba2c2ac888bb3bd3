extension JSONCodec {
    /// Appends the value's JSON to `writer`. Throws `EncodingError`, or what the value's own `encode(to:)` throws.
    public func encode<Value: Encodable>(_ value: Value, to writer: inout JSONWriter) throws {
        let start = writer.count
        writer.codec = self
        try writer.encode(value, isOutermost: true)
        if sortedKeys { JSONSorter.sort(&writer, from: start) }
    }

    /// The value's JSON. Throws `EncodingError`, or what the value's own `encode(to:)` throws.
    public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        var writer = JSONWriter()
        try encode(value, to: &writer)
        return writer.withBytes { Array($0) }
    }
}
