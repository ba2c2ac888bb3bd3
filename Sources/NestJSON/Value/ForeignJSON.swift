#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Untyped values through other coders than ours.
enum ForeignJSON {
    static func value(from decoder: any Decoder) throws -> JSONValue {
        if let container = try? decoder.container(keyedBy: JSONCodingKey.self) {
            return .object(
                JSONObject(
                    try container.allKeys.map {
                        JSONObject.Member(key: $0.stringValue, value: try container.decode(JSONValue.self, forKey: $0))
                    }))
        }
        if var container = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !container.isAtEnd { values.append(try container.decode(JSONValue.self)) }
            return .array(values)
        }
        return try scalar(try decoder.singleValueContainer())
    }

    private static func scalar(_ container: any SingleValueDecodingContainer) throws -> JSONValue {
        if container.decodeNil() { return .null }
        if let bool = try? container.decode(Bool.self) { return .bool(bool) }
        if let text = try? container.decode(String.self) { return .string(text) }
        if let number = try? container.decode(Int.self) { return .number(JSONNumber(number)) }
        if let number = try? container.decode(UInt64.self) { return .number(JSONNumber(number)) }
        if let decimal = try? container.decode(Decimal.self), let number = JSONNumber(decimal.description) {
            return .number(number)
        }
        let double = try container.decode(Double.self)
        guard let number = JSONNumber(double) else {
            let path = container.codingPath
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "\(double) is no JSON number."))
        }
        return .number(number)
    }

    static func encode(_ value: JSONValue, to encoder: any Encoder) throws {
        switch value {
        case .object(let object):
            var container = encoder.container(keyedBy: JSONCodingKey.self)
            for member in object { try container.encode(member.value, forKey: JSONCodingKey(stringValue: member.key)) }
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        default:
            var container = encoder.singleValueContainer()
            try encode(value, to: &container)
        }
    }

    private static func encode(
        _ value: JSONValue, to container: inout any SingleValueEncodingContainer
    ) throws {
        switch value {
        case .bool(let bool): try container.encode(bool)
        case .string(let text): try container.encode(text)
        case .number(let number): try encode(number, to: &container)
        default: try container.encodeNil()
        }
    }

    private static func encode(
        _ number: JSONNumber, to container: inout any SingleValueEncodingContainer
    ) throws {
        if let integer = number.integer() { return try container.encode(integer) }
        if let integer = number.integer(UInt64.self) { return try container.encode(integer) }
        if let decimal = Decimal(string: number.text), JSONNumber(decimal.description) == number {
            return try container.encode(decimal)
        }
        try container.encode(number.double ?? .infinity)
    }
}
