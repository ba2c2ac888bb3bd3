extension JSONValue {
    /// The value of an object's member; nil when there is none, or for other values.
    public subscript(key: String) -> JSONValue? { object?[key] }

    /// An array's element; nil beyond its ends, or for other values.
    public subscript(index: Int) -> JSONValue? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// Whether this is null.
    public var isNull: Bool { self == .null }

    /// The truth value; nil for other values.
    public var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// The text; nil for other values.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number; nil for other values.
    public var number: JSONNumber? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    /// The number if it is whole and fits; nil for other values.
    public var int: Int? { number?.integer() }

    /// The nearest number; nil for other values.
    public var double: Double? { number?.double }

    /// The elements; nil for other values.
    public var array: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    /// The members; nil for other values.
    public var object: JSONObject? {
        guard case .object(let object) = self else { return nil }
        return object
    }
}
