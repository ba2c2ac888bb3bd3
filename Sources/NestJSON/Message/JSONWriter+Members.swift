extension JSONWriter {
    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member(_ key: StaticString, _ value: String) throws {
        name(key)
        string(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member(_ key: StaticString, _ value: Bool) throws {
        name(key)
        bool(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member(_ key: StaticString, _ value: Int) throws {
        name(key)
        integer(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member<Number: FixedWidthInteger & Encodable>(_ key: StaticString, _ value: Number) throws {
        name(key)
        integer(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member(_ key: StaticString, _ value: Double) throws {
        name(key)
        try floating(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member(_ key: StaticString, _ value: Float) throws {
        name(key)
        try floating(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member(_ key: StaticString, _ value: [String]) throws {
        name(key)
        try self.value(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member<Message: JSONMessage>(_ key: StaticString, _ value: Message) throws {
        name(key)
        try self.value(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member<Message: JSONMessage>(_ key: StaticString, _ value: [Message]) throws {
        name(key)
        try self.value(value)
    }

    /// Writes a member. The key must be free of quotes, backslashes and control characters.
    public mutating func member<Value: Encodable>(_ key: StaticString, _ value: Value) throws {
        name(key)
        try encode(value, isOutermost: false)
    }

    /// Writes a member, or nothing for nil.
    public mutating func member(_ key: StaticString, _ value: String?) throws {
        if let value { try member(key, value) }
    }

    /// Writes a member, or nothing for nil.
    public mutating func member<Message: JSONMessage>(_ key: StaticString, _ value: Message?) throws {
        if let value { try member(key, value) }
    }

    /// Writes a member, or nothing for nil.
    public mutating func member<Value: Encodable>(_ key: StaticString, _ value: Value?) throws {
        if let value { try member(key, value) }
    }
}
