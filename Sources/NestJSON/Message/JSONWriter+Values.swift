extension JSONWriter {
    /// Writes null.
    public mutating func null() {
        reserve(5)
        separate()
        put("null")
        needsComma = true
    }

    /// Writes a string.
    public mutating func value(_ value: String) throws { string(value) }

    /// Writes true or false.
    public mutating func value(_ value: Bool) throws { bool(value) }

    /// Writes a whole number.
    public mutating func value(_ value: Int) throws { integer(value) }

    /// Writes a whole number.
    public mutating func value<Number: FixedWidthInteger & Encodable>(_ value: Number) throws { integer(value) }

    /// Writes a number. Throws when there is none: infinities and NaN, unless the codec has strings for them.
    public mutating func value(_ value: Double) throws { try floating(value) }

    /// Writes a number. Throws when there is none: infinities and NaN, unless the codec has strings for them.
    public mutating func value(_ value: Float) throws { try floating(value) }

    /// Lets a message write itself.
    public mutating func value<Message: JSONMessage>(_ value: Message) throws {
        if codec.writesDirectly { try message(value) } else { try encode(value, isOutermost: false) }
    }

    /// Writes an array of strings.
    public mutating func value(_ values: [String]) throws { try elements(values) { $0.string($1) } }

    /// Writes an array of whole numbers.
    public mutating func value(_ values: [Int]) throws { try elements(values) { $0.integer($1) } }

    /// Writes an array of numbers.
    public mutating func value(_ values: [Double]) throws { try elements(values) { try $0.floating($1) } }

    /// Writes an array of messages.
    public mutating func value<Message: JSONMessage>(_ values: [Message]) throws {
        try elements(values) { try $0.value($1) }
    }

    /// Writes a value through its `Codable`.
    public mutating func value<Value: Encodable>(_ value: Value) throws { try encode(value, isOutermost: false) }

    @inline(__always)
    mutating func string(_ text: String) {
        reserve(1)
        separate()
        quote(text)
        needsComma = true
    }

    @inline(__always)
    mutating func bool(_ value: Bool) {
        reserve(6)
        separate()
        if value { put("true") } else { put("false") }
        needsComma = true
    }

    @inline(__always)
    mutating func message<Message: JSONMessage>(_ value: borrowing Message) throws {
        let (start, level) = (count, depth)
        guard mayOpen else { throw tooDeep(copy value) }
        try value.write(to: &self)
        guard hasWrittenOne(since: start, level) else { throw notOne(copy value) }
    }

    var mayOpen: Bool { !isTooDeep }

    func hasWrittenOne(since start: Int, _ level: Int) -> Bool { depth == level && count > start && needsComma }

    func notOne<Message: JSONMessage>(_ value: Message) -> any Error {
        invalid(value, "\(Message.self) did not write exactly one value.")
    }

    @inline(__always)
    mutating func elements<Element>(
        _ values: [Element], _ write: (inout JSONWriter, Element) throws -> Void
    ) throws {
        guard !isTooDeep else { throw tooDeep(values) }
        beginArray()
        for value in values { try write(&self, value) }
        endArray()
    }

    @inline(never)
    func tooDeep(_ value: Any) -> EncodingError {
        invalid(value, "Containers are nested deeper than \(codec.nestingLimit).")
    }

    @inline(never)
    func invalid(_ value: Any, _ description: String) -> EncodingError {
        .invalidValue(value, .init(codingPath: path(count), debugDescription: description))
    }

    /// The coding path of what stands at `offset` or is written there next.
    func path(_ offset: Int) -> [any CodingKey] {
        let isSnake = codec.keyEncoding == .convertToSnakeCase
        return JSONPath(bytes: base, count: count)
            .find(root: 0, target: offset, name: { isSnake ? KeyCase.camel($0) : $0 })
    }
}
