extension JSONWriter {
    /// Writes a value of any type. One that encodes nothing is an error at the top, as with Foundation.
    @inline(__always)
    mutating func encode<Value: Encodable>(_ value: Value, isOutermost: Bool) throws {
        if writesDirectly, let type = MessageTypes.message(Value.self) {
            try encodeMessage(value, as: type)
        } else {
            try encodeOther(value, isOutermost: isOutermost)
        }
    }

    var writesDirectly: Bool { codec.writesDirectly }

    mutating func encodeOther<Value: Encodable>(_ value: Value, isOutermost: Bool) throws {
        if try encodeKnown(value) { return }
        try withUnsafeMutablePointer(to: &self) { writer in
            var state = EncodingState(lent: writer)
            defer { if !isKnownUniquelyReferenced(&state) { state.detach() } }
            try state.encodeContainers(value, isOutermost: isOutermost)
            state.resolveInserts()
        }
    }

    /// Writes the value if its type needs no containers; false otherwise.
    @inline(__always)
    mutating func encodeKnown<Value: Encodable>(_ value: Value) throws -> Bool {
        if Value.self == String.self {
            string(unsafeBitCast(value, to: String.self))
        } else if Value.self == Int.self {
            integer(unsafeBitCast(value, to: Int.self))
        } else if Value.self == Double.self {
            try floating(unsafeBitCast(value, to: Double.self))
        } else if Value.self == Bool.self {
            bool(unsafeBitCast(value, to: Bool.self))
        } else if Value.self == [String].self {
            try self.value(unsafeBitCast(value, to: [String].self))
        } else {
            return try encodeRare(value)
        }
        return true
    }

    private mutating func encodeRare<Value: Encodable>(_ value: Value) throws -> Bool {
        if Value.self == [Int].self {
            try self.value(unsafeBitCast(value, to: [Int].self))
        } else if Value.self == [Double].self {
            try self.value(unsafeBitCast(value, to: [Double].self))
        } else if Value.self == Float.self {
            try floating(unsafeBitCast(value, to: Float.self))
        } else if Value.self == JSONValue.self {
            try write(unsafeBitCast(value, to: JSONValue.self))
        } else if codec.writesDirectly, let type = MessageTypes.message(Value.self) {
            try encodeMessage(value, as: type)
        } else {
            return try encodeFoundation(value)
        }
        return true
    }

    /// `type` is the value's own.
    @inline(__always)
    mutating func encodeMessage<Value, Message: JSONMessage>(_ value: Value, as type: Message.Type) throws {
        // Lent, not copied as a cast would.
        try withUnsafePointer(to: value) { place in
            try message(UnsafeRawPointer(place).assumingMemoryBound(to: Message.self).pointee)
        }
    }
}
