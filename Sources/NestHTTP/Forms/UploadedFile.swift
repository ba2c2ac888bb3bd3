public import NIOCore

/// A file in a `multipart/form-data` body. Stands as a property in the type that `@Form` or `HTTPCall.form(as:)` asks
/// for.
public struct UploadedFile: Sendable, Hashable {
    /// The name the client gave it. Do not use it as a path: clients write what they like.
    public var filename: String
    /// The type the client gave it, such as `image/png`; nil when it gave none.
    public var contentType: String?
    /// The file.
    public var data: ByteBuffer

    /// A file.
    public init(filename: String, contentType: String? = nil, data: ByteBuffer) {
        self.filename = filename
        self.contentType = contentType
        self.data = data
    }
}

extension UploadedFile: Decodable {
    /// Only forms have files; every other decoder has none to give.
    public init(from decoder: any Decoder) throws {
        throw DecodingError.typeMismatch(
            UploadedFile.self,
            .init(codingPath: decoder.codingPath, debugDescription: "a file is part of a multipart form only"))
    }
}
