import Foundation
import NIOCore

/// Types whose own `Decodable` expects something else than a text.
enum KnownValues {
    /// Nil when the type decodes itself.
    static func decode<Value: Decodable>(_ type: Value.Type, _ decoder: ValueDecoder) throws -> Any? {
        switch type {
        case is UploadedFile.Type: return try file(decoder)
        case is ByteBuffer.Type: return try bytes(decoder)
        case is Data.Type: return Data(try bytes(decoder).readableBytesView)
        case is UUID.Type: return try made(decoder, type) { UUID(uuidString: $0) }
        case is URL.Type: return try made(decoder, type) { URL(string: $0) }
        case is Decimal.Type: return try made(decoder, type) { Decimal(string: $0) }
        case is Date.Type: return try made(decoder, type, date)
        default: return nil
        }
    }

    private static func made<Made>(
        _ decoder: ValueDecoder, _ type: Any.Type, _ make: (String) -> Made?
    ) throws -> Made {
        guard let value = make(try decoder.text(type)) else { throw try decoder.unfit(type) }
        return value
    }

    /// `2026-01-31T12:00:00Z`, the same with fractions of a second, or `2026-01-31`.
    private static func date(_ text: String) -> Date? {
        if let date = try? Date(text, strategy: .iso8601) { return date }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) {
            return date
        }
        return try? Date(text, strategy: Date.ISO8601FormatStyle().year().month().day())
    }

    private static func file(_ decoder: ValueDecoder) throws -> UploadedFile {
        switch decoder.values.first {
        case .file(let file): return file
        case .text: throw decoder.mismatch(UploadedFile.self, "a text stands where a file is expected")
        case nil:
            throw DecodingError.valueNotFound(
                UploadedFile.self, .init(codingPath: decoder.codingPath, debugDescription: "is missing"))
        }
    }

    private static func bytes(_ decoder: ValueDecoder) throws -> ByteBuffer {
        if case .file(let file) = decoder.values.first { return file.data }
        return ByteBuffer(string: try decoder.text(ByteBuffer.self))
    }
}
