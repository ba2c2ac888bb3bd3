/// Decodes all values of one name, one after the other.
struct ValueListDecoder: UnkeyedDecodingContainer {
    let values: [FormField.Value]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(values: [FormField.Value], codingPath: [any CodingKey]) {
        self.values = values
        self.codingPath = codingPath
    }

    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex >= values.count }

    func decodeNil() -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try next(type).decode(type)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try next(type).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw try next([Any].self).mismatch([Any].self, "lists of lists cannot be made from texts")
    }

    mutating func superDecoder() throws -> any Decoder { try next(Any.self) }

    private func next(_ type: Any.Type) throws -> ValueDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(type, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return ValueDecoder(values: [values[currentIndex]], codingPath: codingPath)
    }
}
