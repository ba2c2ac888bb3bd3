/// An array that is being written.
struct UnkeyedEncoding: UnkeyedEncodingContainer {
    let state: EncodingState
    let start: Int
    /// The writer's depth while it stands in this array.
    let depth: Int
    private(set) var count = 0

    init(state: EncodingState, start: Int, depth: Int) {
        self.state = state
        self.start = start
        self.depth = depth
    }

    var codingPath: [any CodingKey] { state.path(start) }

    @inline(__always)
    private mutating func next(_ value: @autoclosure () -> Any) throws {
        guard state.writer.pointee.depth == depth else { throw state.misuse(value()) }
        count &+= 1
    }

    mutating func encodeNil() throws {
        try next(Any?.none as Any)
        state.writer.pointee.null()
    }

    mutating func encode(_ value: Bool) throws {
        try next(value)
        state.writer.pointee.bool(value)
    }

    mutating func encode(_ value: String) throws {
        try next(value)
        state.writer.pointee.string(value)
    }

    mutating func encode(_ value: Double) throws { try encodeAny(value) }
    mutating func encode(_ value: Float) throws { try encodeAny(value) }

    @inline(__always)
    private mutating func integer<Number: FixedWidthInteger>(_ value: Number) throws {
        try next(value)
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

    mutating func encode<Value: Encodable>(_ value: Value) throws { try encodeAny(value) }

    /// Writes the value, or nothing when it throws.
    @inline(__always)
    private mutating func encodeAny<Value: Encodable>(_ value: Value) throws {
        let mark = state.mark
        try next(value)
        do {
            try state.encode(value)
        } catch {
            state.rollBack(to: mark)
            count -= 1
            throw error
        }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        later().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { later().unkeyedContainer() }

    mutating func superEncoder() -> any Encoder { later() }

    /// An encoder for an element that is written later.
    private mutating func later() -> JSONValueEncoder {
        guard state.writer.pointee.depth == depth else { return state.detached() }
        count += 1
        return JSONValueEncoder(state.insert())
    }
}
