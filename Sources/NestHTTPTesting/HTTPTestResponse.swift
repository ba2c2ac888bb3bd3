public import HTTPTypes
public import NIOCore

/// An answer, complete.
public struct HTTPTestResponse: Sendable {
    /// The status: `.ok`, `.notFound`, or any number as in `answer.status == 418`.
    public let status: HTTPResponse.Status
    /// The header fields.
    public let headers: HTTPFields
    /// The body's bytes.
    public let body: ByteBuffer

    /// The body as text.
    public var text: String { String(buffer: body) }

    /// The body as a value, from JSON. Throws what the codec throws.
    public func decode<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try body.withUnsafeReadableBytes { try JSONCodec.default.decode(type, from: $0) }
    }
}

extension HTTPTestResponse: CustomStringConvertible {
    /// `201 {"id":1}`: what a failed expectation shows.
    public var description: String { "\(status.code) \(text)" }
}
