extension JSONReader {
    /// Reads a string.
    public mutating func value(_ type: String.Type, for key: StaticString = "") throws -> String {
        at = JSONScanner.blank(bytes, count, at)
        guard at < count, bytes[at] == UInt8(ascii: "\"") else { throw mismatch(type, at) }
        var escaped = false
        do {
            let end = try JSONScanner.string(bytes, count, at &+ 1, escaped: &escaped)
            defer { at = end }
            return JSONText.string(bytes, at &+ 1..<end &- 1, escaped: escaped)
        } catch {
            throw malformed(error)
        }
    }

    /// Reads true or false.
    public mutating func value(_ type: Bool.Type, for key: StaticString = "") throws -> Bool {
        at = JSONScanner.blank(bytes, count, at)
        guard at < count, bytes[at] == UInt8(ascii: "t") || bytes[at] == UInt8(ascii: "f") else {
            throw mismatch(type, at)
        }
        let isTrue = bytes[at] == UInt8(ascii: "t")
        at = try checked(at)
        return isTrue
    }

    /// Reads a whole number; one that does not fit is an error.
    public mutating func value(_ type: Int.Type, for key: StaticString = "") throws -> Int { try integer(type) }

    /// Reads a whole number; one that does not fit is an error.
    public mutating func value(_ type: Int32.Type, for key: StaticString = "") throws -> Int32 { try integer(type) }

    /// Reads a whole number; one that does not fit is an error.
    public mutating func value(_ type: Int64.Type, for key: StaticString = "") throws -> Int64 { try integer(type) }

    /// Reads a whole number; one that does not fit is an error.
    public mutating func value<Number: FixedWidthInteger & Decodable>(
        _ type: Number.Type, for key: StaticString = ""
    ) throws -> Number {
        try integer(type)
    }

    /// Reads a number.
    public mutating func value(_ type: Double.Type, for key: StaticString = "") throws -> Double {
        try floating(type, NumberText.double)
    }

    /// Reads a number.
    public mutating func value(_ type: Float.Type, for key: StaticString = "") throws -> Float {
        try floating(type, NumberText.float)
    }

    /// Lets a message read itself.
    @inline(__always)
    public mutating func value<Message: JSONMessage>(
        _ type: Message.Type, for key: StaticString = ""
    ) throws -> Message {
        guard readsDirectly else { return try throughCodable(type) }
        guard isInside else { return try Message(from: &self) }
        return try inside { reader throws in try Message(from: &reader) }
    }

    var readsDirectly: Bool { codec.readsDirectly }

    /// Whether an object is being read around the next value.
    var isInside: Bool { at != root }

    /// Reads an object inside another, and remembers the other one's names meanwhile.
    mutating func inside<Message>(_ read: (inout JSONReader) throws -> Message) throws -> Message {
        let outer = (names, outerNames)
        (names, outerNames) = (SeenNames(), [])
        defer { (names, outerNames) = outer }
        return try read(&self)
    }

    /// Reads an array of strings.
    public mutating func value(_ type: [String].Type, for key: StaticString = "") throws -> [String] {
        try elements { reader throws in try reader.value(String.self) }
    }

    /// Reads an array of whole numbers.
    public mutating func value(_ type: [Int].Type, for key: StaticString = "") throws -> [Int] {
        try elements { reader throws in try reader.value(Int.self) }
    }

    /// Reads an array of numbers.
    public mutating func value(_ type: [Double].Type, for key: StaticString = "") throws -> [Double] {
        try elements { reader throws in try reader.value(Double.self) }
    }

    /// Reads an array of messages.
    public mutating func value<Message: JSONMessage>(
        _ type: [Message].Type, for key: StaticString = ""
    ) throws -> [Message] {
        try elements { reader throws in try reader.value(Message.self) }
    }

    /// Reads a value through its `Codable`.
    public mutating func value<Value: Decodable>(
        _ type: Value.Type, for key: StaticString = ""
    ) throws -> Value {
        try decodable(type)
    }

    /// The value, or nil where null stands.
    public mutating func optionalValue(_ type: String.Type, for key: StaticString = "") throws -> String? {
        try skipNull() ? nil : value(type)
    }

    /// The value, or nil where null stands.
    public mutating func optionalValue(_ type: Bool.Type, for key: StaticString = "") throws -> Bool? {
        try skipNull() ? nil : value(type)
    }

    /// The value, or nil where null stands.
    public mutating func optionalValue(_ type: Int.Type, for key: StaticString = "") throws -> Int? {
        try skipNull() ? nil : value(type)
    }

    /// The value, or nil where null stands.
    public mutating func optionalValue(_ type: Double.Type, for key: StaticString = "") throws -> Double? {
        try skipNull() ? nil : value(type)
    }

    /// The value, or nil where null stands.
    public mutating func optionalValue<Message: JSONMessage>(
        _ type: Message.Type, for key: StaticString = ""
    ) throws -> Message? {
        try skipNull() ? nil : value(type)
    }

    /// The value, or nil where null stands.
    public mutating func optionalValue<Value: Decodable>(
        _ type: Value.Type, for key: StaticString = ""
    ) throws -> Value? {
        try skipNull() ? nil : value(type)
    }

    @inline(__always)
    private mutating func elements<Element>(_ next: (inout JSONReader) throws -> Element) throws -> [Element] {
        var elements: [Element] = []
        try beginArray()
        while try nextElement() { elements.append(try next(&self)) }
        return elements
    }
}
