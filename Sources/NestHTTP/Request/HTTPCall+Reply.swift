extension HTTPCall {
    /// A value as JSON.
    func encode<Value: Encodable>(_ value: Value) throws -> Payload { try PayloadCoding.encode(value, codec: codec) }
}
