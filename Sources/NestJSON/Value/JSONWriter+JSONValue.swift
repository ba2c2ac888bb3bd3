extension JSONWriter {
    mutating func write(_ value: JSONValue) throws {
        switch value {
        case .null: null()
        case .bool(let bool): self.bool(bool)
        case .number(let number): write(number)
        case .string(let text): string(text)
        case .array(let values): try elements(values) { try $0.write($1) }
        case .object(let object): try write(object)
        }
    }

    mutating func write(_ number: JSONNumber) {
        reserve(1)
        separate()
        ascii(number.text)
        needsComma = true
    }

    private mutating func write(_ object: JSONObject) throws {
        guard !isTooDeep else { throw tooDeep(object) }
        beginObject()
        for member in object {
            name(member.key)
            try write(member.value)
        }
        endObject()
    }
}
