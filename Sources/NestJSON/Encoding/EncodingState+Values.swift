extension EncodingState {
    /// Writes the value that is due.
    @inline(__always)
    func encode<Value: Encodable>(_ value: Value) throws {
        if try !writer.pointee.encodeKnown(value) { try encodeContainers(value) }
    }

    /// Lets the value's own `Codable` write it. A value that writes nothing becomes an empty object.
    func encodeContainers<Value: Encodable>(_ value: Value, isOutermost: Bool = false) throws {
        guard !writer.pointee.isTooDeep else { throw writer.pointee.tooDeep(value) }
        let encoder = JSONValueEncoder(self)
        try value.encode(to: encoder)
        while writer.pointee.depth > encoder.depth { writer.pointee.close() }
        guard writer.pointee.count == encoder.start else { return }
        guard !isOutermost else { throw nothingEncoded(value) }
        writer.pointee.emptyObject()
    }

    private func nothingEncoded<Value>(_ value: Value) -> EncodingError {
        let description = "Top-level \(Value.self) did not encode any values."
        return .invalidValue(value, .init(codingPath: [], debugDescription: description))
    }

    /// What a container throws that is used when it no longer stands open.
    @inline(never)
    func misuse(_ value: Any) -> EncodingError {
        let description = "The container was closed, or its encoder holds a value of another kind."
        return .invalidValue(value, .init(codingPath: path(writer.pointee.count), debugDescription: description))
    }

    /// An encoder whose text goes nowhere.
    func detached() -> JSONValueEncoder {
        let state = EncodingState(lent: writer)
        state.detach()
        return JSONValueEncoder(state)
    }
}
