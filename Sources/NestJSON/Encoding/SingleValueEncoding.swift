/// A value that is being written in place.
struct SingleValueEncoding: SingleValueEncodingContainer {
    let state: EncodingState
    let start: Int
    let depth: Int

    var codingPath: [any CodingKey] { state.path(start) }

    @inline(__always)
    private func check(_ value: @autoclosure () -> Any) throws {
        guard state.writer.pointee.depth == depth, state.writer.pointee.count == start else {
            throw state.misuse(value())
        }
    }

    mutating func encodeNil() throws {
        try check(Any?.none as Any)
        state.writer.pointee.null()
    }

    mutating func encode(_ value: Bool) throws {
        try check(value)
        state.writer.pointee.bool(value)
    }

    mutating func encode(_ value: String) throws {
        try check(value)
        state.writer.pointee.string(value)
    }

    mutating func encode(_ value: Double) throws {
        try check(value)
        try state.writer.pointee.floating(value)
    }

    mutating func encode(_ value: Float) throws {
        try check(value)
        try state.writer.pointee.floating(value)
    }

    @inline(__always)
    private func integer<Number: FixedWidthInteger>(_ value: Number) throws {
        try check(value)
        state.writer.pointee.integer(value)
    }

    mutating func encode(_ value: Int) throws { try integer(value) }
    mutating func encode(_ value: Int8) throws { try integer(value) }
    mutating func encode(_ value: Int16) throws { try integer(value) }
    mutating func encode(_ value: Int32) throws { try integer(value) }
    mutating func encode(_ value: Int64) throws { try integer(value) }
    mutating func encode(_ value: Int128) throws { try integer(value) }
    mutating func encode(_ value: UInt) throws { try integer(value) }
    mutating func encode(_ value: UInt8) throws { try integer(value) }
    mutating func encode(_ value: UInt16) throws { try integer(value) }
    mutating func encode(_ value: UInt32) throws { try integer(value) }
    mutating func encode(_ value: UInt64) throws { try integer(value) }
    mutating func encode(_ value: UInt128) throws { try integer(value) }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try check(value)
        try state.encode(value)
    }
}
