extension HTTPCall {
    /// A value as JSON.
    func encode<Value: Encodable>(_ value: Value) throws -> Payload { try PayloadCoding.encode(value, codec: codec) }

    /// What a handler's value is answered with: text as it is, anything else as JSON.
    func result<Value: Encodable>(_ value: Value) throws -> HandlerResult {
        guard Value.self == String.self, let text = value as? String else { return .payload(try encode(value)) }
        return HTTPText(text).answer(to: self)
    }
}
