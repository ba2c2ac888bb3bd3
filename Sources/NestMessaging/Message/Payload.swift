public import NIOCore

/// The JSON bytes of one value, not decoded yet.
///
/// A handler that takes and returns a `Payload` passes bytes through untouched; numbers keep their digits. Anywhere a
/// `Codable` type is asked for, a `Payload` works as well.
public struct Payload: Sendable, Hashable {
    /// The bytes: exactly one JSON value, checked.
    package let buffer: ByteBuffer

    /// Bytes that are known to be one well-formed JSON value.
    package init(trusted buffer: ByteBuffer) { self.buffer = buffer }

    /// The payload `null`.
    public static let null = Payload(trusted: ByteBuffer(string: "null"))

    /// Takes bytes as they are.
    ///
    /// Throws ``TransportError/Code/invalidMessage`` unless they are exactly one JSON value (RFC 8259).
    public init(json bytes: ByteBuffer) throws(TransportError) {
        do {
            try bytes.withUnsafeReadableBytes { try JSONScanner.validate($0) }
        } catch {
            throw TransportError(.invalidMessage, "not a JSON value: \(error)")
        }
        buffer = bytes
    }

    /// Takes JSON text as it is. Throws ``TransportError/Code/invalidMessage`` unless it is exactly one JSON value.
    public init(json text: String) throws(TransportError) { try self.init(json: ByteBuffer(string: text)) }

    /// Encodes a value. Throws `EncodingError` as the codec does.
    public init(encoding value: some Encodable, codec: JSONCodec = .default) throws {
        self = try PayloadCoding.encode(value, codec: codec)
    }

    /// Decodes the bytes. Throws `DecodingError` when they do not fit the type.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self, codec: JSONCodec = .default) throws -> Value {
        try PayloadCoding.decode(type, from: self, codec: codec)
    }

    /// How many bytes there are.
    public var count: Int { buffer.readableBytes }

    /// Lends the bytes for the time of a call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try buffer.withUnsafeReadableBytes(body)
    }
}

extension Payload: CustomStringConvertible {
    /// The JSON text. Do not log it: payloads hold people's data.
    public var description: String { String(buffer: buffer) }
}
