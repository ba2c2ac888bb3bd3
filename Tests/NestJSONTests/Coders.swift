import Foundation
import NestJSON

/// Our coder and Foundation's side by side.
enum Coders {
    static func ours<Value: Decodable>(_ type: Value.Type, _ text: String, codec: JSONCodec = .default) throws -> Value
    {
        try codec.decode(type, from: Array(text.utf8))
    }

    static func foundation<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    static func text(_ value: some Encodable, codec: JSONCodec = .default) throws -> String {
        String(decoding: try codec.encode(value), as: UTF8.self)
    }

    /// The kind of an error and its coding path, to compare errors of two coders.
    static func summary(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context): "typeMismatch \(path(context.codingPath))"
        case DecodingError.valueNotFound(_, let context): "valueNotFound \(path(context.codingPath))"
        case DecodingError.keyNotFound(let key, let context):
            "keyNotFound \(key.stringValue) \(path(context.codingPath))"
        case DecodingError.dataCorrupted(let context): "dataCorrupted \(path(context.codingPath))"
        case EncodingError.invalidValue(_, let context): "invalidValue \(path(context.codingPath))"
        default: "\(error)"
        }
    }

    static func path(_ path: [any CodingKey]) -> String {
        path.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: ".")
    }

    /// What `body` throws, in short.
    static func failure(_ body: () throws -> some Any) -> String {
        do {
            return "no error but \(try body())"
        } catch {
            return summary(error)
        }
    }
}
