/// An object that is being written.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let state: EncodingState
    let start: Int
    /// The writer's depth while it stands in this object.
    let depth: Int

    var codingPath: [any CodingKey] { state.path(start) }

    @inline(__always)
    private func name(_ key: some CodingKey, for value: @autoclosure () -> Any) throws {
        guard state.writer.pointee.depth == depth else { throw state.misuse(value()) }
        writeName(key)
    }

    @inline(__always)
    private func writeName(_ key: some CodingKey) {
        if state.writer.pointee.codec.keyEncoding == .useDefaultKeys || DictionaryKeys.isKey(Key.self) {
            state.writer.pointee.name(key.stringValue)
        } else {
            state.writer.pointee.name(KeyCase.snake(key.stringValue))
        }
    }

    /// Writes name and value, or nothing when the value throws.
    private func member(
        _ key: Key, _ value: @autoclosure () -> Any, _ write: (inout JSONWriter) throws -> Void
    ) throws {
        let mark = state.mark
        try name(key, for: value())
        do {
            try write(&state.writer.pointee)
        } catch {
            state.rollBack(to: mark)
            throw error
        }
    }

    mutating func encodeNil(forKey key: Key) throws {
        try name(key, for: Any?.none as Any)
        state.writer.pointee.null()
    }

    mutating func encode(_ value: Bool, forKey key: Key) throws {
        try name(key, for: value)
        state.writer.pointee.bool(value)
    }

    mutating func encode(_ value: String, forKey key: Key) throws {
        try name(key, for: value)
        state.writer.pointee.string(value)
    }

    mutating func encode(_ value: Double, forKey key: Key) throws {
        try member(key, value) { try $0.floating(value) }
    }

    mutating func encode(_ value: Float, forKey key: Key) throws {
        try member(key, value) { try $0.floating(value) }
    }

    @inline(__always)
    private func integer<Number: FixedWidthInteger>(_ value: Number, _ key: Key) throws {
        try name(key, for: value)
        state.writer.pointee.integer(value)
    }

    mutating func encode(_ value: Int, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int8, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int16, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int32, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int64, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: Int128, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt8, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt16, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt32, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt64, forKey key: Key) throws { try integer(value, key) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws { try integer(value, key) }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        let mark = state.mark
        try name(key, for: value)
        do {
            try state.encode(value)
        } catch {
            state.rollBack(to: mark)
            throw error
        }
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        later(key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        later(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { later(JSONCodingKey.super) }

    mutating func superEncoder(forKey key: Key) -> any Encoder { later(key) }

    /// An encoder for a member that is written later.
    private func later(_ key: some CodingKey) -> JSONValueEncoder {
        guard state.writer.pointee.depth == depth else { return state.detached() }
        writeName(key)
        return JSONValueEncoder(state.insert())
    }
}
