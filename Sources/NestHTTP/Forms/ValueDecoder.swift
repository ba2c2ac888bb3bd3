import Foundation

/// Decodes what texts, or files, of one name stand for: a single value, or a list.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let values: [FormField.Value]
    var codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        throw mismatch(type, "a value with fields cannot be made from one text")
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        ValueListDecoder(values: values, codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { values.isEmpty }
    func decode(_ type: Bool.Type) throws -> Bool {
        switch try text(type).lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: throw try unfit(type)
        }
    }
    func decode(_ type: String.Type) throws -> String { try text(type) }
    func decode(_ type: Double.Type) throws -> Double { try lossless(type) }
    func decode(_ type: Float.Type) throws -> Float { try lossless(type) }
    func decode(_ type: Int.Type) throws -> Int { try lossless(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try lossless(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try lossless(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try lossless(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try lossless(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try lossless(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try lossless(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try lossless(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try lossless(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try lossless(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let known = try KnownValues.decode(type, self) else { return try Value(from: self) }
        guard let value = known as? Value else { throw try unfit(type) }
        return value
    }
}

extension ValueDecoder {
    /// The one text; the first of several.
    func text(_ type: Any.Type) throws -> String {
        switch values.first {
        case .text(let text): return text
        case .file: throw mismatch(type, "a file stands where a text is expected")
        case nil:
            throw DecodingError.valueNotFound(type, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
    }

    private func lossless<Value: LosslessStringConvertible>(_ type: Value.Type) throws -> Value {
        guard let value = Value(try text(type)) else { throw try unfit(type) }
        return value
    }

    func unfit(_ type: Any.Type) throws -> DecodingError {
        let text = try text(type)
        let shown = text.count > 40 ? "\(text.prefix(40))…" : text
        return mismatch(type, "`\(shown)` is no \(Self.name(of: type))")
    }

    func mismatch(_ type: Any.Type, _ why: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: why))
    }

    private static func name(of type: Any.Type) -> String {
        switch type {
        case is any FixedWidthInteger.Type: "whole number that fits"
        case is any BinaryFloatingPoint.Type: "number"
        case is Bool.Type: "true or false"
        default: "\(type)"
        }
    }
}
