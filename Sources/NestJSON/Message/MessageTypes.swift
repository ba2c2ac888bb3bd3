/// Tells which types read and write themselves.
enum MessageTypes {
    @inline(__always)
    static func message<Value>(_ type: Value.Type) -> (any JSONMessage.Type)? { type as? any JSONMessage.Type }
}
