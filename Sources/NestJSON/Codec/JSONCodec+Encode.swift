extension JSONWriter {
    /// Writes one value, the only one, as the codec says that the writer was made with.
    package mutating func encodeWhole<Value: Encodable>(_ value: Value) throws {
        try encode(value, isOutermost: true)
        if codec.sortedKeys { codec.sort(&self, from: 0) }
    }
}

extension JSONCodec {
    /// Appends the value's JSON to `writer`. Throws `EncodingError`, or what the value's own `encode(to:)` throws.
    public func encode<Value: Encodable>(_ value: Value, to writer: inout JSONWriter) throws {
        let start = begin(&writer)
        try writer.encode(value, isOutermost: true)
        if sortedKeys { sort(&writer, from: start) }
    }

    func begin(_ writer: inout JSONWriter) -> Int {
        writer.codec = self
        return writer.count
    }

    func sort(_ writer: inout JSONWriter, from start: Int) { JSONSorter.sort(&writer, from: start) }

    /// The value's JSON. Throws `EncodingError`, or what the value's own `encode(to:)` throws.
    public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        var writer = JSONWriter()
        try encode(value, to: &writer)
        return writer.withBytes { Array($0) }
    }
}
